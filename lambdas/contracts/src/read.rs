//! From JSON text to a payload, naming every problem at once.
//!
//! serde stops at the first problem. A customer wants all of them, each with a JSON pointer.

use std::fmt;

use serde::{
    Deserialize,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::Value;

use crate::{api::Problem, path::Payload};

/// Reads a payload. Fields that it does not have, and fields that are there twice, are problems
/// too.
///
/// # Errors
///
/// Every problem, in the order of the text, then of the type.
pub fn read<P: Fields>(text: &[u8]) -> Result<P, Vec<Problem>> {
    let whole = |message: String| vec![Problem { pointer: String::new(), message }];
    let fields = match serde_json::from_slice::<Object>(text) {
        Ok(fields) => fields.0,
        Err(err) if err.is_data() => {
            return Err(whole(format!("must be a JSON object: {err}")));
        }
        Err(err) => return Err(whole(format!("is no JSON: {err}"))),
    };
    let mut reader = Reader::new(fields);
    let payload = P::__read(&mut reader);
    reader.unknown(P::WIRE_NAMES);
    match payload {
        Some(payload) if reader.problems.is_empty() => Ok(payload),
        _ => Err(reader.problems),
    }
}

/// A payload that can be read field by field. Made by `payload!`.
pub trait Fields: Payload {
    #[doc(hidden)]
    fn __read(reader: &mut Reader) -> Option<Self>;
}

/// The fields of an object that have not been taken yet, and the problems so far.
#[derive(Debug)]
pub struct Reader {
    fields: Vec<(String, Value)>,
    problems: Vec<Problem>,
}

impl Reader {
    fn new(mut fields: Vec<(String, Value)>) -> Self {
        let mut problems = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        fields.retain(|(name, _)| {
            let first = !seen.contains(name);
            if first {
                seen.push(name.clone());
            } else {
                problems.push(problem(name, "is there more than once".to_owned()));
            }
            first
        });
        Reader { fields, problems }
    }

    /// Takes a field. One that is not there is read as `null`, which suits an optional one.
    #[doc(hidden)]
    pub fn field<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let at = self.fields.iter().position(|(it, _)| it == name);
        let (value, absent) = match at {
            Some(at) => (self.fields.remove(at).1, false),
            None => (Value::Null, true),
        };
        match T::deserialize(value) {
            Ok(value) => Some(value),
            Err(_) if absent => {
                self.problems.push(problem(name, "is missing".to_owned()));
                None
            }
            Err(err) => {
                self.problems.push(problem(name, err.to_string()));
                None
            }
        }
    }

    fn unknown(&mut self, known: &[&str]) {
        for (name, _) in self.fields.drain(..) {
            let message = format!("is no field here; the fields are {}", known.join(", "));
            self.problems.push(problem(&name, message));
        }
    }
}

fn problem(field: &str, message: String) -> Problem {
    Problem { pointer: pointer(field), message }
}

/// The JSON pointer to a field of the whole. <https://www.rfc-editor.org/rfc/rfc6901#section-3>
///
/// A name of any length may come in; an answer repeats only so much of it.
fn pointer(field: &str) -> String {
    const MOST: usize = 64;
    let mut short: String = field.chars().take(MOST).collect();
    if short.len() < field.len() {
        short.push('…');
    }
    format!("/{}", short.replace('~', "~0").replace('/', "~1"))
}

/// An object's fields as they come: serde_json's own map forgets what is there twice.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }

        from.deserialize_map(Each)
    }
}

#[cfg(test)]
mod tests {
    use crate::api::OrderRequest;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let problems = read::<OrderRequest>(text.as_bytes()).err().unwrap_or_default();
        let problems: Vec<_> = problems.iter().map(|it| (&*it.pointer, &*it.message)).collect();
        assert_eq!(problems.len(), expected.len(), "{problems:?}");
        for ((pointer, message), (at, says)) in problems.iter().zip(expected) {
            assert!(pointer == at && message.contains(says), "{problems:?}");
        }
    }

    const GOOD: &str = r#""customerId":"CUST-1234","productId":"PROD-1234","quantity":2"#;

    #[test]
    fn every_problem_is_named() {
        check(&format!(r#"{{{GOOD},"price":29.99}}"#), &[]);
        check(&format!(r#"{{{GOOD},"price":29.99,"metadata":null}}"#), &[]);
        check(&format!(r#"{{{GOOD},"price":29.99,"metadata":{{"a":"b"}}}}"#), &[]);
        check(
            "{}",
            &[
                ("/customerId", "is missing"),
                ("/productId", "is missing"),
                ("/quantity", "is missing"),
                ("/price", "is missing"),
            ],
        );
        check(
            r#"{"customerId":7,"productId":null,"quantity":"2","price":true,"metadata":[],"a/b~":1}"#,
            &[
                ("/customerId", "expected a string"),
                ("/productId", "expected a string"),
                ("/quantity", "expected"),
                ("/price", "expected"),
                ("/metadata", "expected"),
                ("/a~1b~0", "is no field here; the fields are customerId,"),
            ],
        );
        check(
            &format!(r#"{{{GOOD},"price":1,"price":2}}"#),
            &[("/price", "is there more than once")],
        );
        check(&format!(r#"{{{GOOD},"price":1e300}}"#), &[("/price", "must be")]);
        check(&format!(r#"{{{GOOD},"price":1e-300}}"#), &[("/price", "must be")]);
    }

    #[test]
    fn what_is_no_object_is_one_problem() {
        check("", &[("", "is no JSON")]);
        check("[]", &[("", "must be a JSON object")]);
        check("7", &[("", "must be a JSON object")]);
        check("{\"a\":1", &[("", "is no JSON")]);
        check("{\"a\":\"\\ud800\"}", &[("", "is no JSON")]);
        check(&"[".repeat(100_000), &[("", "")]);
        check(&format!("{{\"a\":{}", "[".repeat(100_000)), &[("", "is no JSON")]);
        check("{\"a\":1e999}", &[("", "is no JSON")]);
    }
}
