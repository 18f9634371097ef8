//! What a customer may write into an order: the shape, not yet the rules of the business.
//!
//! An order that breaks a rule is still recorded, so whatever is taken here must fit into a
//! DynamoDB item and pass through the state machine unchanged. Hence the bounds.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Number;

/// Characters of a text.
const MOST_CHARACTERS: usize = 256;
/// Either side of zero. Far below 2^53, so that no JSON reader rounds a whole number.
const MOST: i64 = 1_000_000_000;
/// Closer to zero than this is only zero: DynamoDB's numbers begin at 1e-130.
const LEAST: f64 = 1e-9;

/// Defines a type that is read and written as a plain one, and holds only what keeps a rule.
macro_rules! written {
    ($(#[doc = $doc:literal])* $name:ident($plain:ty), by $rule:expr, else $problem:literal) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(transparent)]
        pub struct $name($plain);

        impl TryFrom<$plain> for $name {
            type Error = &'static str;

            fn try_from(plain: $plain) -> Result<Self, Self::Error> {
                let keeps: fn(&$plain) -> bool = $rule;
                if keeps(&plain) { Ok($name(plain)) } else { Err($problem) }
            }
        }

        impl From<$name> for $plain {
            fn from(it: $name) -> $plain {
                it.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                <$plain>::deserialize(from)?.try_into().map_err(serde::de::Error::custom)
            }
        }
    };
}

written! {
    /// Text of up to 256 characters.
    WrittenText(String), by |text| text.chars().count() <= MOST_CHARACTERS, else "must have at most 256 characters"
}

written! {
    /// A whole number.
    WrittenCount(i64), by is_near, else "must be between -1000000000 and 1000000000"
}

written! {
    /// A number.
    WrittenPrice(Number), by is_plain,
    else "must be between -1000000000 and 1000000000, and not closer to zero than 0.000000001"
}

fn is_near(number: &i64) -> bool {
    (-MOST..=MOST).contains(number)
}

fn is_plain(number: &Number) -> bool {
    // Whole numbers up to the bound are exact as doubles, so the comparison is, too.
    let most = MOST as f64;
    number.as_f64().is_some_and(|it| it == 0.0 || (LEAST..=most).contains(&it.abs()))
}

/// The schema of a type, in place.
macro_rules! schema {
    ($name:ident, $($schema:tt)+) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($($schema)+)
            }
        }
    };
}

schema!(WrittenText, { "type": "string", "maxLength": MOST_CHARACTERS });
schema!(WrittenCount, { "type": "integer", "minimum": -MOST, "maximum": MOST });
// How close to zero has no keyword; the function checks it.
schema!(WrittenPrice, { "type": "number", "minimum": -MOST, "maximum": MOST });

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::*;

    #[track_caller]
    fn check<T: DeserializeOwned>(json: &str, good: bool) {
        assert_eq!(serde_json::from_str::<T>(json).is_ok(), good, "{json}");
    }

    #[test]
    fn what_is_taken_can_be_stored() {
        check::<WrittenText>("\"\"", true);
        check::<WrittenText>(&format!("\"{}\"", "ä".repeat(256)), true);
        check::<WrittenText>(&format!("\"{}\"", "ä".repeat(257)), false);
        check::<WrittenCount>("-1000000000", true);
        check::<WrittenCount>("1000000001", false);
        check::<WrittenCount>("1.0", false);
        check::<WrittenPrice>("0", true);
        check::<WrittenPrice>("-0.0", true);
        check::<WrittenPrice>("29.99", true);
        check::<WrittenPrice>("1e9", true);
        check::<WrittenPrice>("1e10", false);
        check::<WrittenPrice>("1e-10", false);
        check::<WrittenPrice>("\"1\"", false);
    }
}
