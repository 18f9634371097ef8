//! What a delivery means for the order it is about: the rule of rounds.
//!
//! A queue may deliver a message any number of times, order_storage may send one too many, and any call may land minutes
//! after its caller gave up. None of these may draw again. Whoever redrives a dead letter wants another try, and says so:
//! `dofs redrive` reads the order's record, and puts the number of the next round on the message as its attribute
//! [`ROUND`](contracts::order::ROUND). So:
//!
//! - A failed order is decided again by a message that asks for a later round than the record's, and by no other. A round
//!   is drawn once, however often it is asked for.
//! - Every other message about a failed order goes back, until it is among the dead letters. It is never deleted: it may
//!   be the only one, moved by somebody in the console, and a failed order needs one that can be redriven.
//! - A message of an order that is decided for good is deleted. So a dead letter that is left over goes with its redrive.
//!
//! No clock has a part in this.

use contracts::{domain::OrderStatus, order::OrderRecord};
use runtime::moment::Moment;

/// One delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message's id. One that was put back has another.
    pub message_id: String,
    /// When it was sent, by the queue's clock.
    pub sent: Option<Moment>,
    /// The round that it asks for.
    pub round: Option<u32>,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
}

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Decide the order in this round, which is the first.
    First,
    /// Decide the order in this round, which is a later one.
    Again {
        /// Which.
        round: u32,
    },
    /// The order failed: on to the dead letters.
    Back,
    /// There is nothing left to do with this message.
    Done,
}

/// What a delivery means for an order that stands so.
pub fn meaning(order: &OrderRecord, delivery: &Delivery) -> Meaning {
    match order.status {
        OrderStatus::Processing => Meaning::First,
        OrderStatus::Fulfilled | OrderStatus::Rejected | OrderStatus::Accepted => Meaning::Done,
        // The message by which it failed has had its round.
        OrderStatus::Failed if order.dead_letter.as_deref() == Some(&delivery.message_id) => {
            Meaning::Back
        }
        OrderStatus::Failed => match delivery.round {
            Some(asked) if asked > order.round => Meaning::Again { round: order.round + 1 },
            _ => Meaning::Back,
        },
    }
}

#[cfg(test)]
mod tests {
    use contracts::domain::ValidationStatus;

    use super::*;

    const FAILED_AT: u64 = 1_753_016_788_324;

    fn order(status: OrderStatus, dead_letter: Option<&str>) -> OrderRecord {
        let at = Moment::from_millis(FAILED_AT).timestamp();
        OrderRecord {
            order_id: "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned().try_into().unwrap(),
            customer_id: "CUST-1234".to_owned(),
            product_id: "PROD-1234".to_owned(),
            quantity: 1,
            price: 1.into(),
            total_amount: None,
            status,
            created_at: at.clone(),
            updated_at: at.clone(),
            validation_status: ValidationStatus::Valid,
            metadata: None,
            fulfillment_details: None,
            failure_reason: None,
            failure_timestamp: Some(at),
            error_message: None,
            expires_at: None,
            round: 3,
            dead_letter: dead_letter.map(str::to_owned),
        }
    }

    #[test]
    fn every_delivery_has_a_meaning() {
        fn check(
            status: OrderStatus,
            dead_letter: Option<&str>,
            round: Option<u32>,
            expected: Meaning,
        ) {
            let delivery =
                Delivery { message_id: "this".to_owned(), sent: None, round, receive_count: 1 };
            let found = meaning(&order(status, dead_letter), &delivery);
            assert_eq!(found, expected, "{status:?} {dead_letter:?} {round:?}");
        }
        use OrderStatus::{Accepted, Failed, Fulfilled, Processing, Rejected};
        let again = Meaning::Again { round: 4 };
        for asked in [None, Some(0), Some(3), Some(4), Some(u32::MAX)] {
            check(Processing, None, asked, Meaning::First);
            check(Fulfilled, None, asked, Meaning::Done);
            check(Rejected, None, asked, Meaning::Done);
            check(Accepted, None, asked, Meaning::Done);
            // The message by which it failed, whatever it has asked for.
            check(Failed, Some("this"), asked, Meaning::Back);
        }
        // Another message, or one of an order that failed without any: it asks for a later round, or it does not.
        for owner in [Some("other"), None] {
            check(Failed, owner, None, Meaning::Back);
            check(Failed, owner, Some(2), Meaning::Back);
            check(Failed, owner, Some(3), Meaning::Back);
            check(Failed, owner, Some(4), again);
            // A record of before, from a backup: one round at a time.
            check(Failed, owner, Some(u32::MAX), again);
        }
    }

    #[test]
    fn the_last_round_there_is_has_no_next() {
        let last = OrderRecord { round: u32::MAX, ..order(OrderStatus::Failed, None) };
        let round = Some(u32::MAX);
        let delivery =
            Delivery { message_id: "this".to_owned(), sent: None, round, receive_count: 1 };
        assert_eq!(meaning(&last, &delivery), Meaning::Back);
    }
}
