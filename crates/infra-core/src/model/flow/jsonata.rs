//! Writes values and JSONata expressions for the fields of states.
//!
//! <https://docs.jsonata.org/>

use function_contract::path::{AttributeShape, AttributeType, Source};
use serde_json::Value;

use crate::model::expr::Body;

/// The largest number of characters of an error's cause that a route passes on. AWS gives up to 32,768 characters,
/// which can be 128 KiB. A payload may have 256 KiB in total, and a state may write the cause into several items.
///
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_TaskFailedEventDetails.html>
const MOST_CAUSE: u32 = 8_192;

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
    // The capacity fits most expressions, which are paths.
    let mut out = String::with_capacity(48);
    out.push_str("{% ");
    write(&mut out);
    out.push_str(" %}");
    out.shrink_to_fit();
    out.into()
}

/// The expression without its delimiters.
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
        Source::EpochAfter(moment, seconds) => {
            out.push_str("$floor($toMillis(");
            write(moment, out);
            out.extend([") / 1000) + ", &seconds.to_string()]);
        }
        Source::ErrorName => out.push_str("$states.errorOutput.Error"),
        // A timeout has no cause.
        Source::ErrorCause => {
            out.extend([
                "$exists($states.errorOutput.Cause) ? $substring($states.errorOutput.Cause, 0, ",
                &MOST_CAUSE.to_string(),
                ") : ''",
            ]);
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

/// A DynamoDB item: each attribute with its type. An attribute without a value is left out.
///
/// Some attributes may have no value during an execution. In Step Functions, an expression without a value is an error,
/// but an object that one expression builds leaves out fields without a value. So the whole item is then one
/// expression.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>,
/// <https://docs.jsonata.org/construction>
pub(super) fn item(attributes: &[AttributeShape]) -> Body {
    let attributes: Vec<_> = attributes.iter().filter(|it| !is_absent(&it.value)).collect();
    if !attributes.iter().any(|it| may_be_absent(it)) {
        return Body::map(attributes.iter().map(|it| (it.name, attribute(it.is, &it.value))));
    }
    live_with(|out| {
        for (at, it) in attributes.into_iter().enumerate() {
            out.extend([if at == 0 { "{" } else { ", " }, "'", it.name, "': "]);
            if may_be_absent(it) {
                write(&it.value, out);
                out.push_str(" != null ? ");
            }
            out.extend(["{'", member(it.is), "': "]);
            write_attribute(it.is, &it.value, out);
            out.push('}');
        }
        out.push('}');
    })
}

fn is_absent(source: &Source) -> bool {
    known(source).is_some_and(Value::is_null)
}

fn may_be_absent(shape: &AttributeShape) -> bool {
    shape.optional && known(&shape.value).is_none() && !matches!(shape.value, Source::Some(_))
}

/// The member of an `AttributeValue` for a type. These three have the same name in DynamoDB's JSON and in the AWS SDK
/// for Java, whose names the AWS SDK integrations use. Other members have different names, such as `BOOL` and `Bool`.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html>
fn member(is: AttributeType) -> &'static str {
    match is {
        AttributeType::Text => "S",
        AttributeType::Number => "N",
        AttributeType::TextMap => "M",
    }
}

/// One attribute that has a value, with its type.
pub(super) fn attribute(is: AttributeType, source: &Source) -> Body {
    match known(source) {
        Some(value) => known_value(is, value),
        None => Body::map([(member(is), live_with(|out| write_attribute(is, source, out)))]),
    }
}

/// The value of an attribute, without its type.
fn write_attribute(is: AttributeType, source: &Source, out: &mut String) {
    match (is, known(source)) {
        (AttributeType::Text, Some(Value::String(text))) if text.chars().all(is_tame) => {
            out.extend(["'", text, "'"]);
        }
        (AttributeType::Text, _) => write(source, out),
        (AttributeType::Number, Some(value)) => out.extend(["'", &value.to_string(), "'"]),
        (AttributeType::Number, None) => {
            out.push_str("$string(");
            write(source, out);
            out.push(')');
        }
        // `$each` of an empty map yields nothing, and `$append` keeps it an empty map.
        (AttributeType::TextMap, _) => {
            out.push_str("$merge($append([{}], $each(");
            write(source, out);
            out.push_str(", function($v, $k) { {$k: {'S': $v}} })))");
        }
    }
}

/// Whether a character needs no escape between single quotes.
fn is_tame(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, ' ' | '_' | '-' | '.')
}

/// An attribute with a literal value, which is not null: an attribute without a value is left out.
fn known_value(is: AttributeType, value: &Value) -> Body {
    let it: Body = match (is, value) {
        (AttributeType::Text, Value::String(text)) => text.clone().into(),
        (AttributeType::TextMap, Value::Object(fields)) => {
            let text =
                |it: &Value| Body::map([(member(AttributeType::Text), Body::from(it.clone()))]);
            Body::map(fields.iter().map(|(key, it)| (key.clone(), text(it))))
        }
        (_, number) => number.to_string().into(),
    };
    Body::map([(member(is), it)])
}

fn known(source: &Source) -> Option<&Value> {
    match source {
        Source::Literal(value) => Some(value),
        Source::Some(inner) => known(inner),
        _ => None,
    }
}

/// A literal as a field's value. Step Functions would evaluate text that looks like an expression, so such text becomes
/// an expression that yields it.
fn literal_body(value: Value) -> Body {
    match &value {
        Value::String(text) if text.starts_with("{%") => live(&literal(&value)),
        // A body cannot contain null, so it becomes an expression.
        Value::Null => live("null"),
        _ => Body::from(value),
    }
}

/// A literal inside of an expression. JSON is valid JSONata; only `%}` is escaped, because it ends the expression.
pub(super) fn literal(value: &Value) -> String {
    value.to_string().replace("%}", "%\\u007d")
}

fn is_plain(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
}

#[cfg(test)]
mod tests {
    use integrations::{Arguments, Integration};
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
        check(
            Source::EpochAfter(Box::new(field(&["at"])), 60),
            "$floor($toMillis($states.input.at) / 1000) + 60",
        );
        check(
            Source::Or(Box::new(field(&["a"])), Box::new(Source::Literal(json!(0)))),
            "$exists($states.input.a) and $states.input.a != null ? $states.input.a : 0",
        );
    }

    #[test]
    fn a_known_value_is_a_plain_literal() {
        fn check(is: AttributeType, value: Value, expected: Value) {
            assert_eq!(known_value(is, &value), Body::from(expected));
        }
        check(AttributeType::Text, json!("a"), json!({ "S": "a" }));
        check(AttributeType::Number, json!(3), json!({ "N": "3" }));
        check(AttributeType::TextMap, json!({ "k": "v" }), json!({ "M": { "k": { "S": "v" } } }));
        let some = Source::Some(Box::new(Source::Literal(json!("a"))));
        assert_eq!(value(some), Body::from("a"));
    }

    fn shape(
        name: &'static str,
        is: AttributeType,
        optional: bool,
        value: Source,
    ) -> AttributeShape {
        AttributeShape { name, is, optional, value }
    }

    #[test]
    fn an_attribute_without_a_value_is_left_out_of_an_item() {
        let field = |name: &'static str| Source::Field(vec![name].into());
        let none = || Source::Literal(Value::Null);
        let some = |it| Source::Some(Box::new(it));
        // If every attribute certainly has a value, the item is a plain object.
        let plain = [
            shape("a", AttributeType::Text, false, field("x")),
            shape("b", AttributeType::Number, true, some(field("y"))),
            shape("c", AttributeType::TextMap, false, field("z")),
            shape("d", AttributeType::Text, true, none()),
            shape("e", AttributeType::Number, true, Source::Literal(json!(7))),
        ];
        let map =
            "$merge($append([{}], $each($states.input.z, function($v, $k) { {$k: {'S': $v}} })))";
        assert_eq!(
            item(&plain),
            Body::from(json!({
                "a": { "S": "{% $states.input.x %}" },
                "b": { "N": "{% $string($states.input.y) %}" },
                "c": { "M": format!("{{% {map} %}}") },
                "e": { "N": "7" },
            }))
        );
        let unknown = [
            shape("a", AttributeType::Text, false, field("x")),
            shape("b", AttributeType::Number, true, field("y")),
            shape("c", AttributeType::TextMap, true, field("z")),
            shape("d", AttributeType::Text, true, none()),
            shape("e", AttributeType::Number, false, Source::Literal(json!(7))),
            shape("f", AttributeType::Text, false, Source::Literal(json!("it's %}"))),
            shape("g", AttributeType::Text, false, Source::Literal(json!("GOOD"))),
        ];
        let expected = format!(
            "{{% {{'a': {{'S': $states.input.x}}, \
             'b': $states.input.y != null ? {{'N': $string($states.input.y)}}, \
             'c': $states.input.z != null ? {{'M': {map}}}, \
             'e': {{'N': '7'}}, 'f': {{'S': \"it's %\\u007d\"}}, 'g': {{'S': 'GOOD'}}}} %}}"
        );
        assert_eq!(item(&unknown), Body::from(expected));
    }

    #[test]
    fn every_type_has_a_member_in_both_kinds_of_integration() {
        for is in [AttributeType::Text, AttributeType::Number, AttributeType::TextMap] {
            let value = match is {
                AttributeType::Text => json!("x"),
                AttributeType::Number => json!("1"),
                AttributeType::TextMap => json!({}),
            };
            let put = json!({ "TableName": "t", "Item": { "a": { member(is): value } } });
            for (resource, arguments) in [
                ("dynamodb:putItem", put.clone()),
                (
                    "aws-sdk:dynamodb:transactWriteItems",
                    json!({ "TransactItems": [{ "Put": put }] }),
                ),
            ] {
                let it = Integration::of(&format!("arn:aws:states:::{resource}")).unwrap();
                assert_eq!(it.problems(&arguments, Arguments::Evaluated), []);
            }
        }
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
