//! Metadata that a customer attaches to an order.

use std::{borrow::Cow, collections::BTreeMap};

use function_contract::{
    path::{Attribute, AttributeType},
    read::{Json, Problems, Written, pointer, string_bytes},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Pairs of text that a customer attaches to an order. [`Written::read`] accepts at most 20 pairs, with keys of 1 to 64
/// bytes and values of up to 256 bytes in UTF-8.
///
/// Stored orders are read without these limits, because an earlier version may have accepted an order beyond them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

const MOST_PAIRS: usize = 20;
const MOST_KEY_BYTES: usize = 64;
const MOST_VALUE_BYTES: usize = 256;

const PAIRS: &str = "must have at most 20 pairs";
const KEY: &str = "must have a key of 1 to 64 bytes in UTF-8";
const VALUE: &str = "must have at most 256 bytes in UTF-8";

impl Metadata {
    /// The pairs.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

fn check(key: &str, value: &str) -> Result<(), &'static str> {
    if !(1..=MOST_KEY_BYTES).contains(&key.len()) {
        return Err(KEY);
    }
    if value.len() > MOST_VALUE_BYTES {
        return Err(VALUE);
    }
    Ok(())
}

impl Written for Metadata {
    const MOST_BYTES: usize = {
        // The quotes are part of a string. Each pair adds a colon, and each but the last adds a comma.
        let pair = string_bytes(MOST_KEY_BYTES) + 1 + string_bytes(MOST_VALUE_BYTES) + 1;
        2 + MOST_PAIRS * pair - 1
    };

    fn read(json: Json<'_>, at: &str, problems: &mut Problems) -> Option<Self> {
        let object = match json {
            Json::Object(object) => object,
            other => {
                problems.add(at, other.instead_of("an object whose values are text"));
                return None;
            }
        };
        object.repeated(at, problems);
        if object.names().count() > MOST_PAIRS {
            problems.add(at, PAIRS);
            return None;
        }
        let mut pairs = BTreeMap::new();
        for (key, value) in object.into_fields() {
            let problem = match value {
                Json::Text(value) => match check(&key, &value) {
                    Ok(()) => {
                        pairs.insert(key, value);
                        continue;
                    }
                    Err(problem) => problem.to_owned(),
                },
                other => other.instead_of("text"),
            };
            problems.add(pointer(at, &key), problem);
        }
        Some(Metadata(pairs))
    }
}

impl JsonSchema for Metadata {
    fn schema_name() -> Cow<'static, str> {
        "Metadata".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // JSON Schema counts characters, not bytes. A text never has more characters than bytes.
        json_schema!({
            "type": "object",
            "description": "Keys of 1 to 64 bytes and values of up to 256 bytes in UTF-8.",
            "maxProperties": MOST_PAIRS,
            "additionalProperties": { "type": "string", "maxLength": MOST_VALUE_BYTES },
        })
    }
}

impl Attribute for Metadata {
    const TYPE: AttributeType = AttributeType::TextMap;
}
