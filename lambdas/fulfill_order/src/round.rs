//! What a delivery means for the order it is about: the rule of rounds.
//!
//! A queue may deliver a message twice, and order_storage may send one too many. Neither may draw
//! again. But whoever puts a dead letter back on the queue wants another try, and the message that he
//! sends looks the same, but for its id and the time at which it was sent. So:
//!
//! - The message by which an order failed goes back, until it is among the dead letters. It cannot be
//!   there before [`delay::SHORTEST`](crate::delay::SHORTEST) has passed.
//! - order_storage sends nothing later than its timeout of ten seconds after the order failed.
//! - Only an operator may send to the queue besides: of all that is generated, `order_storage` alone has the right.
//!   An operator redrives with `dofs`, in the console, or sends the message anew, so nothing else about a message
//!   says that it was put back.
//! - So a message with another id begins a new round if it was sent more than [`GRACE`] after the
//!   failure, which lies between the two, and is one too many if it was sent before.

use std::time::Duration;

use contracts::{domain::OrderStatus, order::OrderRecord};
use runtime::moment::Moment;

/// Between the last moment at which order_storage sends, and the first at which a dead letter can be
/// put back. There are five seconds on either side for clocks that differ.
pub const GRACE: Duration = Duration::from_secs(15);

/// One delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message's id. One that was put back has another.
    pub message_id: String,
    /// When it was sent, by the queue's clock.
    pub sent: Option<Moment>,
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
        OrderStatus::Failed => {
            let owner = order.dead_letter.as_deref();
            if owner == Some(&delivery.message_id) {
                return Meaning::Back;
            }
            let failed = order.failure_timestamp.as_ref().and_then(Moment::parse);
            match (failed, delivery.sent) {
                (Some(failed), Some(sent)) if sent > failed + GRACE => {
                    Meaning::Again { round: order.round.saturating_add(1) }
                }
                // Somebody else failed it, without a message: this one is its dead letter.
                _ if owner.is_none() => Meaning::Back,
                _ => Meaning::Done,
            }
        }
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
            sent_after: Option<i64>,
            expected: Meaning,
        ) {
            let sent = sent_after
                .map(|it| Moment::from_millis(FAILED_AT.saturating_add_signed(it * 1_000)));
            let delivery = Delivery { message_id: "this".to_owned(), sent, receive_count: 1 };
            let found = meaning(&order(status, dead_letter), &delivery);
            assert_eq!(found, expected, "{status:?} {dead_letter:?} {sent_after:?}");
        }
        use OrderStatus::{Accepted, Failed, Fulfilled, Processing, Rejected};
        let again = Meaning::Again { round: 4 };
        for sent in [None, Some(-9), Some(99)] {
            check(Processing, None, sent, Meaning::First);
            check(Fulfilled, None, sent, Meaning::Done);
            check(Rejected, None, sent, Meaning::Done);
            check(Accepted, None, sent, Meaning::Done);
            // The message by which it failed, however late it comes.
            check(Failed, Some("this"), sent, Meaning::Back);
        }
        // Another message: one too many, or put back from the dead letters.
        check(Failed, Some("other"), None, Meaning::Done);
        check(Failed, Some("other"), Some(-60), Meaning::Done);
        check(Failed, Some("other"), Some(15), Meaning::Done);
        check(Failed, Some("other"), Some(16), again);
        // Failed by the order machine or the reconciler.
        check(Failed, None, None, Meaning::Back);
        check(Failed, None, Some(-60), Meaning::Back);
        check(Failed, None, Some(16), again);
    }
}
