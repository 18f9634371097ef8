//! Converts items of DynamoDB to JSON and to the types of the contracts.

use function_contract::time::Timestamp;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::primitives::{DateTime, DateTimeFormat};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The attributes of an item, by name.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// Parses an item. `None` if it has another format, because other programs may write to the table.
pub(super) fn read<I: DeserializeOwned>(attributes: &Attributes) -> Option<I> {
    serde_json::from_value(json(attributes)).ok()
}

/// Returns an item as JSON.
pub(super) fn json(attributes: &Attributes) -> Value {
    attributes.iter().map(|(name, it)| (name.clone(), value(it))).collect()
}

fn value(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(it) => Value::String(it.clone()),
        AttributeValue::Bool(it) => Value::Bool(*it),
        AttributeValue::N(it) => match serde_json::from_str(it) {
            Ok(number) => Value::Number(number),
            // The number is out of range for JSON parsers, so return it as text.
            Err(_) => Value::String(it.clone()),
        },
        AttributeValue::L(it) => it.iter().map(value).collect(),
        AttributeValue::M(it) => json(it),
        // The items have no binary data and no sets.
        _ => Value::Null,
    }
}

/// Returns a time of an execution in the format of the records.
pub(super) fn moment(at: &DateTime) -> Option<Timestamp> {
    let seconds = DateTime::from_secs(at.secs()).fmt(DateTimeFormat::DateTime).ok()?;
    let millis = at.subsec_nanos() / 1_000_000;
    format!("{}.{millis:03}Z", seconds.trim_end_matches('Z')).try_into().ok()
}

#[cfg(test)]
mod tests {
    use contracts::order::FailedOrder;
    use serde_json::json;

    use super::*;

    #[test]
    fn attributes_become_json() {
        fn check(attribute: AttributeValue, expected: Value) {
            let item = Attributes::from([("it".to_owned(), attribute)]);
            assert_eq!(json(&item), json!({ "it": expected }));
        }
        check(AttributeValue::S("<b>".to_owned()), json!("<b>"));
        check(AttributeValue::N("29.99".to_owned()), json!(29.99));
        check(AttributeValue::N("1E+125".to_owned()), json!(1e125));
        check(AttributeValue::Bool(true), json!(true));
        check(AttributeValue::Null(true), json!(null));
        check(AttributeValue::L(vec![AttributeValue::N("1".to_owned())]), json!([1]));
        check(AttributeValue::M(Attributes::new()), json!({}));
    }

    #[test]
    fn an_unknown_item_is_none() {
        let stray = Attributes::from([("order_id".to_owned(), AttributeValue::Null(true))]);
        assert_eq!(read::<FailedOrder>(&stray), None);
    }

    #[test]
    fn moments_have_milliseconds() {
        fn check(seconds: i64, nanos: u32, expected: &str) {
            let at = DateTime::from_secs_and_nanos(seconds, nanos);
            assert_eq!(moment(&at).unwrap().as_str(), expected);
        }
        check(1_753_016_788, 324_999_999, "2025-07-20T13:06:28.324Z");
        check(1_753_016_788, 0, "2025-07-20T13:06:28.000Z");
    }
}
