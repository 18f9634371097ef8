//! Converts items to JSON and back. The code is independent of the functions' own conversion, so that tests see the
//! actual contents of the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

pub(super) fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(it) => AttributeValue::Bool(it),
        Value::Number(it) => AttributeValue::N(it.to_string()),
        Value::String(it) => AttributeValue::S(it),
        Value::Array(it) => AttributeValue::L(it.into_iter().map(attribute).collect()),
        Value::Object(it) => {
            AttributeValue::M(it.into_iter().map(|(name, it)| (name, attribute(it))).collect())
        }
    }
}

pub(super) fn item(attributes: &HashMap<String, AttributeValue>) -> Value {
    attributes.iter().map(|(name, it)| (name.clone(), value(it))).collect()
}

fn value(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(it) => Value::Bool(*it),
        AttributeValue::N(it) => {
            let number = serde_json::from_str(it);
            Value::Number(number.unwrap_or_else(|err| panic!("{it} is not a number: {err}")))
        }
        AttributeValue::S(it) => Value::String(it.clone()),
        AttributeValue::L(it) => it.iter().map(value).collect(),
        AttributeValue::M(it) => item(it),
        other => panic!("the attribute has a type that no function writes: {other:?}"),
    }
}
