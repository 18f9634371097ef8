//! Converts JSON for the engine and back.
//!
//! JSONata has only one type of number, the double. So that the direct way and the engine give the same numbers, both
//! write them as JavaScript does: `60.0` becomes `60`.

use std::rc::Rc;

use jsonata_core::value::{JMap, JValue};
use serde_json::{Map, Number, Value};

pub(crate) fn to_engine(value: &Value) -> JValue {
    match value {
        Value::Null => JValue::Null,
        Value::Bool(it) => JValue::Bool(*it),
        Value::Number(it) => JValue::Number(double(it)),
        Value::String(it) => JValue::string(it.as_str()),
        Value::Array(items) => JValue::array(items.iter().map(to_engine).collect()),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, field)| (name.clone(), to_engine(field)));
            JValue::Object(Rc::new(fields.collect::<JMap>()))
        }
    }
}

/// Converts a value of the engine back to JSON. The error names a value that JSON does not have.
pub(crate) fn from_engine(value: &JValue) -> Result<Value, &'static str> {
    Ok(match value {
        JValue::Null => Value::Null,
        JValue::Bool(it) => Value::Bool(*it),
        JValue::Number(it) => Value::Number(number(*it).ok_or("a number that JSON does not have")?),
        JValue::String(it) => Value::String(it.to_string()),
        JValue::Array(items) => {
            // An undefined value in a list becomes `null`, as in JavaScript.
            let items = items.iter().map(|it| match it {
                JValue::Undefined => Ok(Value::Null),
                it => from_engine(it),
            });
            Value::Array(items.collect::<Result<_, &'static str>>()?)
        }
        JValue::Object(fields) => {
            let fields = fields.iter().filter(|(_, field)| !field.is_undefined());
            let fields = fields.map(|(name, field)| Ok((name.clone(), from_engine(field)?)));
            Value::Object(fields.collect::<Result<Map<_, _>, &'static str>>()?)
        }
        JValue::Undefined => return Err("nothing"),
        JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => {
            return Err("a function");
        }
    })
}

/// Returns a copy that equals the value after a conversion to the engine and back.
pub(crate) fn copy(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Bool(it) => Value::Bool(*it),
        Value::Number(it) => number(double(it)).map_or(Value::Null, Value::Number),
        Value::String(it) => Value::String(it.clone()),
        Value::Array(items) => Value::Array(items.iter().map(copy).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.clone(), copy(field))).collect())
        }
    }
}

/// Returns an upper bound of the length of the value's JSON text. It is faster than writing each payload to measure it,
/// and nearly every payload is far below the limit.
pub(crate) fn most_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        // The longest number, such as `-2.2250738585072014e-308`.
        Value::Number(_) => 24,
        // Each byte may be escaped, such as `\u0000`.
        Value::String(it) => it.len() * 6 + 2,
        Value::Array(items) => 2 + items.iter().map(|it| most_bytes(it) + 1).sum::<usize>(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, it)| name.len() * 6 + 4 + most_bytes(it));
            2 + fields.sum::<usize>()
        }
    }
}

fn double(number: &Number) -> f64 {
    // Without the feature `arbitrary_precision`, `as_f64` of serde_json always returns a double.
    number.as_f64().unwrap_or_default()
}

/// The largest number up to which doubles represent every whole number.
const EXACT: f64 = 9_007_199_254_740_992.0;

fn number(double: f64) -> Option<Number> {
    if double.fract() == 0.0 && double.abs() <= EXACT {
        return Some(Number::from(double as i64));
    }
    Number::from_f64(double)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_doubles() {
        check(json!(60.0), "60");
        check(json!(-0.0), "0");
        check(json!(29.99), "29.99");
        check(json!(i64::MIN), "-9.223372036854776e18");
        check(json!(u64::MAX), "1.8446744073709552e19");
        check(json!(9_007_199_254_740_993_u64), "9007199254740992");
        check(json!(1e300), "1e300");
        check(
            json!({"b": [1.0, null, true, "x", {}], "a": []}),
            r#"{"b":[1,null,true,"x",{}],"a":[]}"#,
        );
    }

    fn check(value: Value, expected: &str) {
        let expected: Value = serde_json::from_str(expected).expect("JSON");
        assert_eq!(copy(&value), expected);
        assert_eq!(from_engine(&to_engine(&value)), Ok(expected));
    }

    #[test]
    fn no_text_is_longer_than_its_bound() {
        let values = json!([
            null, true, false, "", "x", "\u{0}\u{1f}", "ü\"\\", [], {}, [[]], {"\u{7}": {}, "b": [1, 2]},
            -0.0, 0.1, f64::MIN, f64::MAX, -f64::MIN_POSITIVE, -2.225_073_858_507_201e-308, 5e-324,
            i64::MIN, u64::MAX, -1.234_567_890_123_456_7e-300,
        ]);
        let Value::Array(items) = &values else { panic!("{values} is a list") };
        for value in items.iter().chain([&values]) {
            let bytes = value.to_string().len();
            assert!(bytes <= most_bytes(value), "{value}: {bytes}");
        }
    }

    /// With a bound far above the length, payloads would be written without need.
    #[test]
    fn the_longest_texts_have_the_length_of_their_bound() {
        #[track_caller]
        fn check(value: Value, unused: usize) {
            assert_eq!(most_bytes(&value) - value.to_string().len(), unused, "{value}");
        }
        let number = json!(-2.225_073_858_507_201_4e-308);
        let text = json!("\u{0}\u{1}\u{1f}");
        check(json!(false), 0);
        check(json!(null), 1);
        check(number.clone(), 0);
        check(text.clone(), 0);
        check(json!(""), 0);
        check(json!([]), 0);
        check(json!({}), 0);
        // The bound includes a comma after the last item.
        check(json!([number, text, number]), 1);
        check(json!({"\u{0}\u{1}": number, "\u{2}": text}), 1);
    }

    #[test]
    fn values_without_a_json_form_are_refused() {
        for value in [JValue::Number(f64::NAN), JValue::Number(f64::INFINITY), JValue::Undefined] {
            assert!(from_engine(&value).is_err());
        }
        assert!(from_engine(&JValue::array(vec![JValue::builtin("sum")])).is_err());
        let list = JValue::array(vec![JValue::Undefined, JValue::Null]);
        assert_eq!(from_engine(&list), Ok(json!([null, null])));
    }
}
