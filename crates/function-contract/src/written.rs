//! The types of the values that a customer may send. They limit sizes, but do not check the business rules.
//!
//! An order that breaks a rule is recorded, too. So every accepted value must fit into a DynamoDB item and pass through
//! the state machine unchanged. These limits ensure both.

mod text;

use std::borrow::Cow;

pub use text::{AsWritten, WrittenText};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::read::{Json, Problems, Written, string_bytes};

/// The maximum length of a text in bytes of UTF-8.
const MOST_BYTES: usize = 256;
/// The largest absolute value of a number. It is far below 2^53, so that no JSON parser rounds a whole number.
const MOST: i64 = 1_000_000_000;
/// The smallest absolute value of a number, except zero. DynamoDB's numbers begin at 1e-130.
const LEAST: f64 = 1e-9;
/// The maximum length of a number in characters. It limits leading and trailing zeros, which have no meaning.
const MOST_CHARACTERS: usize = 32;
/// The maximum number of significant digits. A double represents any 15 digits, and JSONata's `$string`, with which the
/// state machine writes a number into an item, rounds to 15.
///
/// <https://docs.jsonata.org/string-functions#string>
const MOST_DIGITS: usize = 15;

/// Defines a type with the JSON form of a plain one, whose values all keep a rule.
macro_rules! written {
    ($(#[doc = $doc:literal])* $name:ident($plain:ty), by $rule:path) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(transparent)]
        pub struct $name($plain);

        impl TryFrom<$plain> for $name {
            type Error = &'static str;

            fn try_from(plain: $plain) -> Result<Self, Self::Error> {
                $rule(&plain).map(|()| $name(plain))
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
    /// A whole number.
    WrittenCount(i64), by near
}

written! {
    /// A number with up to 15 digits.
    WrittenPrice(Number), by plain
}

fn near(number: &i64) -> Result<(), &'static str> {
    let fits = (-MOST..=MOST).contains(number);
    fits.then_some(()).ok_or("must be between -1000000000 and 1000000000")
}

fn plain(number: &Number) -> Result<(), &'static str> {
    number_of(&number.to_string()).map(drop)
}

/// Parses a number, and refuses one that would be rounded.
fn number_of(text: &str) -> Result<Number, &'static str> {
    if text.len() > MOST_CHARACTERS {
        return Err("must be written with at most 32 characters");
    }
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if digits.trim_matches('0').len() > MOST_DIGITS {
        return Err("must have at most 15 significant digits");
    }
    // Whole numbers up to the limit are exact as doubles, so the comparison is exact, too.
    let fits = |it: f64| it == 0.0 || (LEAST..=MOST as f64).contains(&it.abs());
    let is_zero = digits.bytes().all(|it| it == b'0');
    match serde_json::from_str::<Number>(text) {
        // serde_json parses a number that is too small for a double as zero.
        Ok(number) if number.as_f64().is_some_and(|it| fits(it) && (it != 0.0 || is_zero)) => {
            Ok(number)
        }
        _ => Err(
            "must be between -1000000000 and 1000000000, and not closer to zero than 0.000000001",
        ),
    }
}

/// Returns the value, or adds the broken rule to `problems`.
fn keep<T>(value: Result<T, &'static str>, pointer: &str, problems: &mut Problems) -> Option<T> {
    value.map_err(|problem| problems.add(pointer, problem)).ok()
}

/// Adds a problem, and returns `None`.
fn wrong<T>(json: &Json<'_>, due: &str, pointer: &str, problems: &mut Problems) -> Option<T> {
    problems.add(pointer, json.instead_of(due));
    None
}

impl<T> Written for WrittenText<T> {
    const MOST_BYTES: usize = string_bytes(MOST_BYTES);

    fn read(json: Json<'_>, pointer: &str, problems: &mut Problems) -> Option<Self> {
        match json {
            Json::Text(text) => keep(text.try_into(), pointer, problems),
            other => wrong(&other, "text", pointer, problems),
        }
    }
}

impl Written for WrittenCount {
    /// `-1000000000`
    const MOST_BYTES: usize = 11;

    fn read(json: Json<'_>, pointer: &str, problems: &mut Problems) -> Option<Self> {
        match json {
            Json::Number(text) if text.contains(['.', 'e', 'E']) => {
                problems.add(pointer, "must be a whole number, without a fraction or an exponent");
                None
            }
            // A number that does not fit into 64 bits is also beyond the limits.
            Json::Number(text) => {
                keep(text.parse().unwrap_or(i64::MAX).try_into(), pointer, problems)
            }
            other => wrong(&other, "a whole number", pointer, problems),
        }
    }
}

impl Written for WrittenPrice {
    const MOST_BYTES: usize = MOST_CHARACTERS;

    fn read(json: Json<'_>, pointer: &str, problems: &mut Problems) -> Option<Self> {
        match json {
            Json::Number(text) => keep(number_of(text), pointer, problems).map(WrittenPrice),
            other => wrong(&other, "a number", pointer, problems),
        }
    }
}

/// Implements the inline JSON Schema of a type.
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

schema!(WrittenCount, { "type": "integer", "minimum": -MOST, "maximum": MOST });
// JSON Schema has no keyword for the smallest absolute value or the number of digits.
schema!(WrittenPrice, {
    "type": "number", "minimum": -MOST, "maximum": MOST,
    "description": "At most 15 significant digits.",
});

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::*;

    /// Checks that serde and the parser of requests agree.
    #[track_caller]
    fn check<T: DeserializeOwned + Written>(json: &str, good: bool) {
        let mut problems = Problems::default();
        let read = T::read(Json::parse(json).unwrap(), "/it", &mut problems);
        assert_eq!(read.is_some(), good, "{json}: {problems:?}");
        assert_eq!(problems.is_empty(), good, "{json}: {problems:?}");
        if good {
            assert!(serde_json::from_str::<T>(json).is_ok(), "{json}");
            assert!(json.len() <= T::MOST_BYTES, "{json}");
        }
    }

    #[test]
    fn values_beyond_the_limits_are_refused() {
        check::<WrittenText<()>>("\"\"", true);
        check::<WrittenText<()>>(&format!("\"{}\"", "ä".repeat(128)), true);
        check::<WrittenText<()>>(&format!("\"{}\"", "ä".repeat(129)), false);
        check::<WrittenText<()>>(&format!("\"{}\"", "\\u0041".repeat(256)), true);
        check::<WrittenText<()>>("\"\\ud83c\\udf81\"", true);
        check::<WrittenText<()>>("\"\\ud83c\"", false);
        check::<WrittenText<()>>("null", false);
        check::<WrittenCount>("-1000000000", true);
        check::<WrittenCount>("1000000001", false);
        check::<WrittenCount>("99999999999999999999", false);
        check::<WrittenCount>("-99999999999999999999", false);
        check::<WrittenCount>("1.0", false);
        check::<WrittenCount>("1e2", false);
        check::<WrittenCount>("\"1\"", false);
        check::<WrittenPrice>("0", true);
        check::<WrittenPrice>("-0.0", true);
        check::<WrittenPrice>("0e999", true);
        check::<WrittenPrice>("29.99", true);
        check::<WrittenPrice>("1e9", true);
        check::<WrittenPrice>("1e10", false);
        check::<WrittenPrice>("1e-9", true);
        check::<WrittenPrice>("1e-10", false);
        check::<WrittenPrice>("1e-400", false);
        check::<WrittenPrice>("1e999", false);
        check::<WrittenPrice>("\"1\"", false);
    }

    #[test]
    fn a_price_that_would_be_rounded_is_refused() {
        check::<WrittenPrice>("0.123456789012345", true);
        check::<WrittenPrice>("0.00000123456789012345", true);
        check::<WrittenPrice>("123456789012345e-8", true);
        check::<WrittenPrice>("29.990000000000000000000000000", true);
        check::<WrittenPrice>("29.9900000000000000000000000000000", false);
        check::<WrittenPrice>("0.30000000000000004", false);
        check::<WrittenPrice>("0.1234567890123456", false);
        check::<WrittenPrice>("1234567890123456e-10", false);
        check::<WrittenPrice>("123456789.98765432", false);
        assert!(WrittenPrice::try_from(Number::from_f64(0.1 + 0.2).unwrap()).is_err());
    }

    proptest::proptest! {
        /// The state machine converts the price to a double and rounds it to 15 digits.
        #[test]
        fn a_price_is_the_same_after_every_step(
            digits in 0_u64..1_000_000_000_000_000, exponent in -24_i32..=0,
        ) {
            let text = format!("{digits}e{exponent}");
            let mut problems = Problems::default();
            let read = WrittenPrice::read(Json::parse(&text).unwrap(), "", &mut problems);
            if let Some(WrittenPrice(number)) = read {
                let double = number.as_f64().unwrap();
                let rounded = format!("{double:.14e}");
                proptest::prop_assert_eq!(rounded.parse::<f64>().unwrap(), double, "{}", text);
                let written: f64 = text.parse().unwrap();
                proptest::prop_assert_eq!(written, double, "{}", text);
                let again = serde_json::to_string(&number).unwrap();
                proptest::prop_assert_eq!(again.parse::<f64>().unwrap(), double, "{}", text);
            }
        }
    }
}
