//! DynamoDB's form of items, and the conversion of payloads to it and back.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>

use std::collections::BTreeMap;

use function_contract::path::Payload;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// An item or a key: attributes by name.
pub type Attributes = BTreeMap<String, Attribute>;

/// The value of an attribute. Our items have no sets and no binary values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attribute {
    /// `S`
    Text(String),
    /// `N`: a number as text, because DynamoDB's numbers have up to 38 digits.
    Number(String),
    /// `BOOL`
    Bool(bool),
    /// `M`
    Map(Attributes),
    /// `L`
    List(Vec<Attribute>),
    /// `NULL`. It is read, but never written: an absent value is left out of an item.
    Null,
}

/// Why an item cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ItemError(String);

/// Converts a payload to an item. Absent values are left out.
///
/// # Panics
///
/// If the payload is not a JSON object. `payload!` and `item!` define only objects, and a test converts each of them.
pub fn attributes<P: Serialize>(payload: &P) -> Attributes {
    match attribute(payload) {
        Attribute::Map(fields) => fields,
        other => panic!("a payload is an object, not {other:?}"),
    }
}

/// Converts a value to an attribute.
///
/// # Panics
///
/// If the value has no JSON form. Fields of payloads always have one.
pub fn attribute<T: Serialize>(value: &T) -> Attribute {
    from_json(serde_json::to_value(value).expect("fields of payloads have a JSON form"))
}

/// Converts an item to a payload. Unknown attributes are ignored: a newer version, which was rolled back, may have
/// written them.
///
/// # Errors
///
/// Returns which field is missing or has the wrong type.
pub fn parse<P: Payload>(mut attributes: Attributes) -> Result<P, ItemError> {
    attributes.retain(|name, _| P::WIRE_NAMES.contains(&name.as_str()));
    let json = to_json(Attribute::Map(attributes))?;
    serde_json::from_value(json).map_err(|err| ItemError(err.to_string()))
}

/// Reads one attribute of an item.
///
/// # Errors
///
/// If the attribute is missing or has the wrong type.
pub fn value<T: DeserializeOwned>(attributes: &Attributes, name: &str) -> Result<T, ItemError> {
    let attribute = attributes.get(name).cloned();
    let attribute = attribute.ok_or_else(|| ItemError(format!("`{name}` is missing")))?;
    serde_json::from_value(to_json(attribute)?).map_err(|err| ItemError(format!("`{name}`: {err}")))
}

fn from_json(value: Value) -> Attribute {
    match value {
        Value::Null => Attribute::Null,
        Value::Bool(it) => Attribute::Bool(it),
        Value::Number(it) => Attribute::Number(it.to_string()),
        Value::String(it) => Attribute::Text(it),
        Value::Array(it) => Attribute::List(it.into_iter().map(from_json).collect()),
        Value::Object(it) => {
            let there = it.into_iter().filter(|(_, it)| !it.is_null());
            Attribute::Map(there.map(|(name, it)| (name, from_json(it))).collect())
        }
    }
}

fn to_json(attribute: Attribute) -> Result<Value, ItemError> {
    Ok(match attribute {
        Attribute::Null => Value::Null,
        Attribute::Bool(it) => Value::Bool(it),
        Attribute::Number(it) => Value::Number(
            serde_json::from_str(&it).map_err(|_| ItemError(format!("`{it}` is not a number")))?,
        ),
        Attribute::Text(it) => Value::String(it),
        Attribute::List(it) => Value::Array(it.into_iter().map(to_json).collect::<Result<_, _>>()?),
        Attribute::Map(it) => Value::Object(
            it.into_iter()
                .map(|(name, it)| Ok((name, to_json(it)?)))
                .collect::<Result<Map<_, _>, ItemError>>()?,
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_values_are_left_out_of_items() {
        fn check(payload: Value, names: &[&str]) {
            let found = attributes(&payload);
            assert_eq!(found.keys().collect::<Vec<_>>(), names, "{payload}");
        }
        check(json!({ "a": null }), &[]);
        check(json!({ "a": null, "b": 1, "c": "", "d": [] }), &["b", "c", "d"]);
        let inner = attributes(&json!({ "a": { "b": null, "c": {} } }));
        let empty = || Attribute::Map(Attributes::new());
        assert_eq!(inner["a"], Attribute::Map([("c".to_owned(), empty())].into()));
    }
}
