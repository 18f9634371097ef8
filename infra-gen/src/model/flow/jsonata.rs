//! JSONata, the language of expressions in states.
//!
//! <https://docs.jsonata.org/>

use contracts::path::{AttributeShape, AttributeType, Source};
use serde_json::{Value, json};

use crate::model::expr::Body;

/// The value of a field: a plain literal, or an expression.
pub(super) fn value(source: &Source) -> Body {
    match known(source) {
        Some(value) => literal_body(value.clone()),
        None => live(&expression(source)),
    }
}

/// `{% expression %}`
pub(super) fn live(expression: &str) -> Body {
    format!("{{% {expression} %}}").into()
}

/// The expression itself.
pub(super) fn expression(source: &Source) -> String {
    match source {
        Source::Field(names) => {
            names.iter().fold("$states.input".to_owned(), |path, name| match is_plain(name) {
                true => format!("{path}.{name}"),
                false => format!("{path}.`{name}`"),
            })
        }
        Source::Literal(value) => literal(value),
        Source::Now => "$now()".to_owned(),
        Source::EpochAfter(seconds) => format!("$floor($millis() / 1000) + {seconds}"),
        Source::ErrorName => "$states.errorOutput.Error".to_owned(),
        // An execution's time-out has no cause.
        Source::ErrorCause => {
            "$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ''".to_owned()
        }
        Source::Or(first, second) => {
            let (first, second) = (expression(first), expression(second));
            format!("$exists({first}) and {first} != null ? {first} : {second}")
        }
        Source::Some(inner) => expression(inner),
        other => unreachable!("contracts has a source that is not rendered: {other:?}"),
    }
}

/// One attribute of a DynamoDB item, with its type.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>
pub(super) fn attribute(shape: &AttributeShape) -> Body {
    if let Some(value) = known(&shape.value) {
        return known_value(shape.is, value);
    }
    let there = !shape.optional || matches!(shape.value, Source::Some(_));
    let inner = expression(&shape.value);
    let typed = match shape.is {
        AttributeType::Text if there => return Body::map([("S", live(&inner))]),
        AttributeType::Number if there => {
            return Body::map([("N", live(&format!("$string({inner})")))]);
        }
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
    Body::from(known_attribute(is, value))
}

fn known_attribute(is: AttributeType, value: &Value) -> Value {
    match (is, value) {
        (_, Value::Null) => json!({ "NULL": true }),
        (AttributeType::Text, Value::String(text)) => json!({ "S": text }),
        (AttributeType::TextMap, Value::Object(fields)) => {
            let pairs: serde_json::Map<_, _> =
                fields.iter().map(|(key, it)| (key.clone(), json!({ "S": it }))).collect();
            json!({ "M": pairs })
        }
        (_, number) => json!({ "N": number.to_string() }),
    }
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
    use super::*;

    #[test]
    fn sources_become_expressions() {
        fn check(source: Source, expected: &str) {
            assert_eq!(expression(&source), expected);
        }
        let field =
            |names: &[&str]| Source::Field(names.iter().map(|it| (*it).to_owned()).collect());
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
    fn literals_are_never_run() {
        fn check(text: &str, expected: &'static str) {
            assert_eq!(value(&Source::Literal(json!(text))), Body::from(expected));
        }
        check("PROCESSING", "PROCESSING");
        check("{% 1 %}", r#"{% "{% 1 %\u007d" %}"#);
    }
}
