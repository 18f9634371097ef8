//! JSON in which no key is repeated.
//!
//! Of two equal keys serde_json keeps the last, and Terraform takes both. So the review would not read what Terraform
//! runs.
//! <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Parses JSON, and fails if an object repeats a key.
pub(super) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str::<Unrepeated>(text).map(|it| it.0)
}

/// Whether a text begins as an object or a list does.
pub(super) fn is_document(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// The error about a repeated key in a text that is valid JSON otherwise, or in JSON inside its strings.
fn repeated(text: &str) -> Option<String> {
    if !is_document(text) {
        return None;
    }
    match parse(text) {
        Ok(value) => repeated_in(&value),
        Err(err) => serde_json::from_str::<IgnoredAny>(text).is_ok().then(|| err.to_string()),
    }
}

/// The error about a repeated key in JSON inside the strings of a value.
pub(super) fn repeated_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => repeated(text),
        Value::Array(items) => items.iter().find_map(repeated_in),
        Value::Object(fields) => fields.values().find_map(repeated_in),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A value in which no object repeats a key.
struct Unrepeated(Value);

impl<'de> Deserialize<'de> for Unrepeated {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Values).map(Unrepeated)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_i64<E: Error>(self, it: i64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_u64<E: Error>(self, it: u64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_f64<E: Error>(self, it: f64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_str<E: Error>(self, it: &str) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Unrepeated(it)) = from.next_element()? {
            items.push(it);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = from.next_key::<String>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("the key {name:?} is repeated")));
            }
            let Unrepeated(value) = from.next_value()?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_an_error_at_any_depth() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":[{"b":{"c":1,"c":1}}]}"#, r#"{"a":1,"\u0061":1}"#]
        {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("is repeated at line 1"), "{error}");
        }
        for text in [
            "null",
            r#"{"a":{"a":[true,-1,1.5,18446744073709551615,"x",null]},"b":{"a":{}}}"#,
            "[[],{}]",
        ] {
            assert_eq!(parse(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
        }
        assert!(parse("{} {}").is_err());
    }
}
