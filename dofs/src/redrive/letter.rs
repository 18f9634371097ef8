//! A dead letter: its order, its reason, and whether the filter selects it.

use function_contract::time::Timestamp;
use std::collections::HashMap;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use contracts::{
    domain::{OrderId, OrderStatus},
    order::{FailedOrder, OrderAccepted, OrderRecord, ROUND},
};
use runtime::moment::Moment;
use serde::Serialize;

/// A filter of dead letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only the dead letters of this order, or `message-<id>`.
    pub order: Option<String>,
    /// Only dead letters with this reason.
    pub reason: Option<String>,
}

impl Filter {
    /// Whether the filter selects every dead letter.
    pub fn means_all(&self) -> bool {
        self == &Filter::default()
    }

    /// Whether the filter selects a message with these keys and this reason. It ignores the case of ids, which are hexadecimal.
    pub(super) fn means(&self, keys: &[String], reason: Option<&str>) -> bool {
        let named = |id: &String| keys.iter().any(|it| it.eq_ignore_ascii_case(id.trim()));
        self.order.as_ref().is_none_or(named)
            && self.reason.as_deref().is_none_or(|it| Some(it) == reason)
    }
}

/// The output about a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LetterReport {
    /// The order, or `message-<id>` if the message belongs to no order.
    pub order: String,
    /// The message's id.
    pub message_id: String,
    /// The reason in `failed_orders`.
    pub reason: Option<String>,
    /// Whether another message has fulfilled its order. Then `fulfill_order` deletes this message after the redrive.
    pub fulfilled: bool,
    /// When it was first sent.
    pub sent_at: Option<Timestamp>,
    /// How often it was received, including by this command.
    pub receive_count: u32,
    /// Whether the filter selects it.
    pub meant: bool,
}

/// A received dead letter. Its visibility timeout hides it from other receivers.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) message_id: String,
    pub(super) receipt: String,
    pub(super) body: String,
    attributes: HashMap<String, MessageAttributeValue>,
    /// Its order, if the body can be parsed.
    pub(super) order: Option<OrderId>,
    /// The keys under which `failed_orders` may have its reason: the order's id, or the message's id if no order is stored.
    keys: Vec<String>,
    sent_at: Option<Timestamp>,
    receive_count: u32,
}

impl Letter {
    /// Returns a dead letter from a message of SQS; `None` if the message lacks an id, a body or a receipt.
    pub(super) fn of(message: Message) -> Option<Self> {
        let (message_id, body) = (message.message_id?, message.body?);
        let order = serde_json::from_str::<OrderAccepted>(&body).ok();
        let order = order.map(|it| it.order_id);
        let attributes = message.attributes.unwrap_or_default();
        let number = |name| attributes.get(&name).and_then(|it| it.parse::<u64>().ok());
        let sent = number(MessageSystemAttributeName::SentTimestamp);
        let received = number(MessageSystemAttributeName::ApproximateReceiveCount);
        Some(Letter {
            keys: order
                .iter()
                .map(OrderId::to_string)
                .chain([format!("message-{message_id}")])
                .collect(),
            sent_at: sent.map(|it| Moment::from_millis(it).timestamp()),
            receive_count: received.and_then(|it| it.try_into().ok()).unwrap_or(0),
            receipt: message.receipt_handle?,
            attributes: message.message_attributes.unwrap_or_default(),
            order,
            message_id,
            body,
        })
    }

    /// Returns its attributes, with the request for a round. Without a round, the attributes stay as they are.
    pub(super) fn asking(&self, round: Option<u32>) -> HashMap<String, MessageAttributeValue> {
        let mut attributes = self.attributes.clone();
        let round = round.map(|round| {
            MessageAttributeValue::builder().data_type("Number").string_value(round.to_string())
        });
        // Building it cannot fail, because it has a type.
        attributes.extend(round.and_then(|it| Some((ROUND.to_owned(), it.build().ok()?))));
        attributes
    }

    /// The keys under which `failed_orders` may have its reason.
    pub(super) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Returns the output about it, with the reason from these failure records and the state of its order.
    pub(super) fn report(
        &self,
        failures: &[FailedOrder],
        orders: &[OrderRecord],
        filter: &Filter,
    ) -> LetterReport {
        let record =
            self.keys.iter().find_map(|key| failures.iter().find(|it| it.order_id == *key));
        let reason = record.map(|it| it.failure_reason.clone());
        let order = record.map(|it| &it.order_id).or(self.keys.first());
        let stored = orders.iter().find(|it| Some(&it.order_id) == self.order.as_ref());
        LetterReport {
            fulfilled: stored.is_some_and(|it| it.status == OrderStatus::Fulfilled),
            order: order.cloned().unwrap_or_default(),
            meant: filter.means(&self.keys, reason.as_deref()),
            message_id: self.message_id.clone(),
            reason,
            sent_at: self.sent_at.clone(),
            receive_count: self.receive_count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";

    fn letter(body: &str) -> Letter {
        let message = Message::builder().message_id("m1").receipt_handle("r").body(body);
        let sent = MessageSystemAttributeName::SentTimestamp;
        Letter::of(message.attributes(sent, "1753016788324").build()).unwrap()
    }

    fn accepted() -> String {
        format!(r#"{{"orderId":"{ORDER}","submittedAt":"2025-07-20T13:06:28.324Z"}}"#)
    }

    #[test]
    fn a_letter_finds_its_order_and_reason() {
        fn check(body: &str, recorded: Option<&str>, order: &str, reason: Option<&str>) {
            let failure = recorded.map(|key| FailedOrder {
                order_id: key.to_owned(),
                original_timestamp: None,
                failed_timestamp: "2025-07-20T13:06:28.324Z".to_owned().try_into().unwrap(),
                receive_count: 1,
                failure_reason: "Why".to_owned(),
                error_message: None,
                raw_body: None,
            });
            let failures: Vec<_> = failure.into_iter().collect();
            let report = letter(body).report(&failures, &[], &Filter::default());
            assert_eq!(
                (report.order.as_str(), report.reason.as_deref()),
                (order, reason),
                "{body}"
            );
            assert_eq!(report.sent_at.unwrap().as_str(), "2025-07-20T13:06:28.324Z");
        }
        check(&accepted(), Some(ORDER), ORDER, Some("Why"));
        check(&accepted(), Some("message-m1"), "message-m1", Some("Why"));
        check(&accepted(), None, ORDER, None);
        check("nonsense", Some("message-m1"), "message-m1", Some("Why"));
        check("nonsense", Some("message-m2"), "message-m1", None);
    }

    /// Another message of its order was redriven before, and has fulfilled the order.
    #[test]
    fn a_leftover_letter_is_reported_as_such() {
        fn check(order: &str, status: &str, fulfilled: bool) {
            let record = serde_json::from_value(serde_json::json!({
                "order_id": order, "customer_id": "c", "product_id": "p", "quantity": 1, "price": 1,
                "status": status, "created_at": "2025-07-20T13:06:28.324Z",
                "updated_at": "2025-07-20T13:06:28.324Z", "validation_status": "VALID", "round": 1,
            }));
            let report = letter(&accepted()).report(&[], &[record.unwrap()], &Filter::default());
            assert_eq!(report.fulfilled, fulfilled, "{order} {status}");
        }
        check(ORDER, "FULFILLED", true);
        check(ORDER, "FAILED", false);
        check("0192f0c1-2d3e-7a4b-8c5d-000000000000", "FULFILLED", false);
    }

    #[test]
    fn a_letter_that_asks_for_a_round_keeps_its_other_attributes() {
        fn check(attributes: &[(&str, &str)], round: Option<u32>, expected: &[(&str, &str)]) {
            let value = |it: &str| {
                MessageAttributeValue::builder()
                    .data_type("Number")
                    .string_value(it)
                    .build()
                    .unwrap()
            };
            let values = |all: &[(&str, &str)]| {
                all.iter().map(|(name, it)| ((*name).to_owned(), value(it))).collect()
            };
            let letter = Letter { attributes: values(attributes), ..letter(&accepted()) };
            assert_eq!(letter.asking(round), values(expected), "{round:?}");
        }
        check(&[], Some(1), &[("Round", "1")]);
        check(&[("Round", "1"), ("x", "7")], Some(5), &[("Round", "5"), ("x", "7")]);
        check(&[("Round", "1")], None, &[("Round", "1")]);
        check(&[], None, &[]);
    }

    #[test]
    fn a_filter_selects_by_order_and_reason() {
        fn check(order: Option<&str>, reason: Option<&str>, found: Option<&str>, meant: bool) {
            let filter =
                Filter { order: order.map(str::to_owned), reason: reason.map(str::to_owned) };
            let keys = [ORDER.to_owned(), "message-m1".to_owned()];
            assert_eq!(filter.means(&keys, found), meant, "{filter:?} {found:?}");
            assert_eq!(filter.means_all(), order.is_none() && reason.is_none());
        }
        check(None, None, None, true);
        check(Some(ORDER), None, None, true);
        check(Some("message-m1"), None, None, true);
        check(Some(" 0192F0C1-2D3E-7A4B-8C5D-6E7F8091A2B3\n"), None, None, true);
        check(Some("MESSAGE-M1"), None, None, true);
        check(Some("other"), None, None, false);
        check(None, Some("Why"), Some("Why"), true);
        check(None, Some("Why"), Some("Other"), false);
        check(None, Some("Why"), None, false);
        check(Some("other"), Some("Why"), Some("Why"), false);
    }
}
