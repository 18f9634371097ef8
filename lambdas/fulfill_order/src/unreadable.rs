//! Messages that lead to no order: recorded with their raw body, and on to the dead letters.

use contracts::{
    event::SqsRecord,
    order::{FailedOrder, OrderAccepted},
};
use runtime::{
    port::{Clock, DynamoDb, Fault, Meter, Sqs},
    table::table,
};

use crate::{Fate, FulfillOrder, round::Delivery};

/// Bytes of a raw body that are kept. An item has room for 400 KB, a message for more.
const MOST: usize = 300_000;

impl<W: DynamoDb + Sqs + Clock + Meter> FulfillOrder<W> {
    /// Writes down why a message leads nowhere. Every delivery writes the same item again.
    pub(crate) async fn unreadable(
        &self,
        reason: &str,
        problem: String,
        record: &SqsRecord<OrderAccepted>,
        delivery: &Delivery,
    ) -> Result<Fate, Fault> {
        let message_id = &record.message_id;
        let failed = FailedOrder {
            order_id: format!("message-{message_id}"),
            original_timestamp: delivery.sent.map(|it| it.timestamp()),
            failed_timestamp: self.world.now().timestamp(),
            receive_count: delivery.receive_count,
            failure_reason: reason.to_owned(),
            error_message: Some(problem),
            raw_body: Some(cut(&record.body).to_owned()),
        };
        table(&self.world, &self.env.failed_orders).put(&failed).await?;
        tracing::error!(message_id, reason, "the message leads to no order; it is recorded");
        Ok(Fate::Back)
    }
}

/// The beginning of a text, as much as can be kept.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_cut_between_characters() {
        fn check(text: &str, length: usize) {
            assert_eq!(cut(text).len(), length);
        }
        check("", 0);
        check("{}", 2);
        check(&"x".repeat(MOST + 7), MOST);
        check(&format!("x{}", "ä".repeat(MOST)), MOST - 1);
    }
}
