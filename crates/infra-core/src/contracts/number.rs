//! The numbers that a JSON Schema allows.

use std::fmt;

use serde_json::{Map, Value};

/// A range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    least: Option<Bound>,
    most: Option<Bound>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Bound {
    at: f64,
    /// Whether the bound itself is not in the range.
    is_exclusive: bool,
}

/// The integers of Rust, by the `format` that schemars writes. The bounds of 64 bits are not exact as floating-point
/// numbers, but in the same order as all others.
const FORMATS: &[(&str, f64, f64)] = &[
    ("int8", i8::MIN as f64, i8::MAX as f64),
    ("int16", i16::MIN as f64, i16::MAX as f64),
    ("int32", i32::MIN as f64, i32::MAX as f64),
    ("int64", i64::MIN as f64, i64::MAX as f64),
    ("int", i64::MIN as f64, i64::MAX as f64),
    ("uint8", 0.0, u8::MAX as f64),
    ("uint16", 0.0, u16::MAX as f64),
    ("uint32", 0.0, u32::MAX as f64),
    ("uint64", 0.0, u64::MAX as f64),
    ("uint", 0.0, u64::MAX as f64),
    ("float", f64::NEG_INFINITY, f64::INFINITY),
    ("double", f64::NEG_INFINITY, f64::INFINITY),
];

/// Whether a `format` is one of a number.
pub(super) fn is_format(of: &Value) -> bool {
    FORMATS.iter().any(|(name, ..)| of == name)
}

impl Range {
    pub(super) fn of(schema: &Map<String, Value>) -> Self {
        let number = |name: &str| schema.get(name).and_then(Value::as_f64);
        let bound = |name: &str, is_exclusive| number(name).map(|at| Bound { at, is_exclusive });
        let format = schema.get("format");
        let format = FORMATS.iter().find(|(name, ..)| format.is_some_and(|it| it == name));
        let (low, high) = format.map_or((f64::NEG_INFINITY, f64::INFINITY), |it| (it.1, it.2));
        let limit = |at: f64| at.is_finite().then_some(Bound { at, is_exclusive: false });
        let lowest = [bound("minimum", false), bound("exclusiveMinimum", true), limit(low)];
        let highest = [bound("maximum", false), bound("exclusiveMaximum", true), limit(high)];
        Range {
            least: lowest.into_iter().flatten().reduce(|a, b| if a.is_above(b) { a } else { b }),
            most: highest.into_iter().flatten().reduce(|a, b| if a.is_below(b) { a } else { b }),
        }
    }

    /// Whether every number of another range is in this one.
    pub(super) fn contains(&self, other: &Range) -> bool {
        let above = match (self.least, other.least) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => own == other || other.is_above(own),
        };
        let below = match (self.most, other.most) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(other)) => own == other || other.is_below(own),
        };
        above && below
    }
}

impl Bound {
    /// Whether this lower bound is stricter than another one.
    fn is_above(self, other: Bound) -> bool {
        self.at > other.at || self.at == other.at && self.is_exclusive
    }

    /// Whether this upper bound is stricter than another one.
    fn is_below(self, other: Bound) -> bool {
        self.at < other.at || self.at == other.at && self.is_exclusive
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |it: Option<Bound>, word: &str| match it {
            Some(Bound { at, is_exclusive: false }) => Some(format!("{word} {at}")),
            Some(Bound { at, .. }) => Some(format!("{word} {at}, exclusively,")),
            None => None,
        };
        let ends = [end(self.least, "at least"), end(self.most, "at most")];
        let ends: Vec<String> = ends.into_iter().flatten().collect();
        match ends.is_empty() {
            true => f.write_str("any number"),
            false => f.write_str(&ends.join(" and ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn range(schema: Value) -> Range {
        Range::of(schema.as_object().unwrap())
    }

    #[test]
    fn a_range_contains_stricter_ones() {
        #[track_caller]
        fn check(outer: Value, inner: Value, expected: bool) {
            assert_eq!(range(outer).contains(&range(inner)), expected);
        }
        check(json!({}), json!({}), true);
        check(json!({}), json!({ "minimum": 1 }), true);
        check(json!({ "minimum": 1 }), json!({}), false);
        check(json!({ "minimum": 1 }), json!({ "minimum": 1 }), true);
        check(json!({ "minimum": 1 }), json!({ "exclusiveMinimum": 1 }), true);
        check(json!({ "exclusiveMinimum": 1 }), json!({ "minimum": 1 }), false);
        check(json!({ "maximum": 9 }), json!({ "maximum": 10 }), false);
        check(json!({ "maximum": 10 }), json!({ "exclusiveMaximum": 10 }), true);
        check(json!({ "format": "uint32" }), json!({ "format": "uint8" }), true);
        check(json!({ "format": "uint8" }), json!({ "format": "uint32" }), false);
        check(json!({ "format": "int64" }), json!({ "format": "uint64" }), false);
        check(json!({ "format": "double" }), json!({ "format": "int64" }), true);
        check(json!({ "format": "uint32", "maximum": 7 }), json!({ "format": "uint8" }), false);
    }

    #[test]
    fn a_range_is_readable() {
        assert_eq!(range(json!({})).to_string(), "any number");
        let range = range(json!({ "minimum": 1, "exclusiveMaximum": 2 }));
        assert_eq!(range.to_string(), "at least 1 and at most 2, exclusively,");
    }
}
