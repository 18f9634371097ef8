//! JSONata, the language of expressions in states.
//!
//! <https://docs.jsonata.org/>

use contracts::path::{AttributeShape, AttributeType, Source};
use serde_json::Value;

use crate::model::expr::Body;

/// The value of a field: a plain literal, or an expression.
pub(super) fn value(source: Source) -> Body {
    match source {
        Source::Literal(value) => literal_body(value),
        Source::Some(inner) => value(*inner),
        live => live_with(|out| write(&live, out)),
    }
}

/// `{% expression %}`
pub(super) fn live(expression: &str) -> Body {
    live_with(|out| out.push_str(expression))
}

fn live_with(write: impl FnOnce(&mut String)) -> Body {
    // Most expressions are paths, and fit.
    let mut out = String::with_capacity(48);
    out.push_str("{% ");
    write(&mut out);
    out.push_str(" %}");
    out.shrink_to_fit();
    out.into()
}

/// The expression itself.
pub(super) fn expression(source: &Source) -> String {
    let mut out = String::new();
    write(source, &mut out);
    out
}

fn write(source: &Source, out: &mut String) {
    match source {
        Source::Field(names) => {
            out.push_str("$states.input");
            for name in names.iter() {
                match is_plain(name) {
                    true => out.extend([".", name]),
                    false => out.extend([".`", name, "`"]),
                }
            }
        }
        Source::Literal(value) => out.push_str(&literal(value)),
        Source::Now => out.push_str("$now()"),
        Source::EpochAfter(seconds) => {
            out.extend(["$floor($millis() / 1000) + ", &seconds.to_string()]);
        }
        Source::ErrorName => out.push_str("$states.errorOutput.Error"),
        // An execution's time-out has no cause.
        Source::ErrorCause => {
            out.push_str("$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ''")
        }
        Source::Or(first, second) => {
            let first = expression(first);
            out.extend(["$exists(", &first, ") and ", &first, " != null ? ", &first, " : "]);
            write(second, out);
        }
        Source::Some(inner) => write(inner, out),
        other => unreachable!("contracts has a source that is not rendered: {other:?}"),
    }
}

/// One attribute of a DynamoDB item, with its type.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>
pub(super) fn attribute(shape: &AttributeShape) -> Body {
    let source = &shape.value;
    if let Some(value) = known(source) {
        return known_value(shape.is, value);
    }
    let there = !shape.optional || matches!(source, Source::Some(_));
    let number = |out: &mut String| {
        out.push_str("$string(");
        write(source, out);
        out.push(')');
    };
    match shape.is {
        AttributeType::Text if there => {
            return Body::map([("S", live_with(|out| write(source, out)))]);
        }
        AttributeType::Number if there => return Body::map([("N", live_with(number))]),
        _ => (),
    }
    let inner = expression(source);
    let typed = match shape.is {
        AttributeType::Text => format!("{{'S': {inner}}}"),
        AttributeType::Number => format!("{{'N': $string({inner})}}"),
        // `$append` keeps an empty map a map: `$each` of one gives nothing.
        AttributeType::TextMap => format!(
            "{{'M': $merge($append([{{}}], $each({inner}, function($v, $k) {{ {{$k: {{'S': $v}}}} }})))}}"
        ),
    };
    match there {
        true => live(&typed),
        false => live(&format!("{inner} = null ? {{'NULL': true}} : {typed}")),
    }
}

/// A value that is known now, as an attribute.
pub(super) fn known_value(is: AttributeType, value: &Value) -> Body {
    let (kind, it): (_, Body) = match (is, value) {
        (_, Value::Null) => ("NULL", true.into()),
        (AttributeType::Text, Value::String(text)) => ("S", text.clone().into()),
        (AttributeType::TextMap, Value::Object(fields)) => {
            let text = |it: &Value| Body::map([("S", Body::from(it.clone()))]);
            ("M", Body::map(fields.iter().map(|(key, it)| (key.clone(), text(it)))))
        }
        (_, number) => ("N", number.to_string().into()),
    };
    Body::map([(kind, it)])
}

fn known(source: &Source) -> Option<&Value> {
    match source {
        Source::Literal(value) => Some(value),
        Source::Some(inner) => known(inner),
        _ => None,
    }
}

/// A literal as a field's value. Text that looks like an expression would be run as one, so it
/// becomes an expression that yields it.
fn literal_body(value: Value) -> Body {
    match &value {
        Value::String(text) if text.starts_with("{%") => live(&literal(&value)),
        // Null has no plain form in a body.
        Value::Null => live("null"),
        _ => Body::from(value),
    }
}

/// A literal inside an expression. JSON is JSONata; only the end of the expression is kept away.
pub(super) fn literal(value: &Value) -> String {
    value.to_string().replace("%}", "%\\u007d")
}

fn is_plain(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sources_become_expressions() {
        fn check(source: Source, expected: &str) {
            assert_eq!(expression(&source), expected);
        }
        let field = |names: &[&'static str]| Source::Field(names.to_vec().into());
        check(field(&["orderId"]), "$states.input.orderId");
        check(field(&["a", "b c"]), "$states.input.a.`b c`");
        check(Source::Literal(json!("it's \"so\"")), r#""it's \"so\"""#);
        check(Source::Literal(json!("50%}")), r#""50%\u007d""#);
        check(Source::EpochAfter(60), "$floor($millis() / 1000) + 60");
        check(
            Source::Or(Box::new(field(&["a"])), Box::new(Source::Literal(json!(0)))),
            "$exists($states.input.a) and $states.input.a != null ? $states.input.a : 0",
        );
    }

    #[test]
    fn what_is_known_is_plain() {
        fn check(is: AttributeType, value: Value, expected: Value) {
            assert_eq!(known_value(is, &value), Body::from(expected));
        }
        check(AttributeType::Text, json!("a"), json!({ "S": "a" }));
        check(AttributeType::Number, json!(3), json!({ "N": "3" }));
        check(AttributeType::TextMap, json!({ "k": "v" }), json!({ "M": { "k": { "S": "v" } } }));
        check(AttributeType::Text, Value::Null, json!({ "NULL": true }));
        let some = Source::Some(Box::new(Source::Literal(json!("a"))));
        assert_eq!(value(some), Body::from("a"));
    }

    #[test]
    fn literals_are_never_run() {
        fn check(text: &str, expected: &'static str) {
            assert_eq!(value(Source::Literal(json!(text))), Body::from(expected));
        }
        check("PROCESSING", "PROCESSING");
        check("{% 1 %}", r#"{% "{% 1 %\u007d" %}"#);
    }
}
