//! Resolves references to values that the generated files contain, as Terraform does when it plans. A reference to a value
//! that only AWS knows stays a reference.

use std::cell::RefCell;

use serde_json::Value;

use super::{resolve, root::Root};

/// The longest chain of references that is followed, because references can form a cycle.
const DEEPEST: usize = 8;

/// Returns a value in which each reference to an argument in the files is replaced by that argument.
pub(super) fn value(root: &Root, it: &Value) -> Value {
    match it {
        Value::String(it) => Value::String(text(root, it, 0)),
        Value::Array(items) => items.iter().map(|it| value(root, it)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, it)| (name.clone(), value(root, it))).collect()
        }
        other => other.clone(),
    }
}

fn text(root: &Root, it: &str, depth: usize) -> String {
    if !it.contains("${") {
        return it.to_owned();
    }
    let lookup = |word: &str| {
        let (address, attribute) = split(word).filter(|_| depth < DEEPEST)?;
        match &root.blocks.get(address)?.body[attribute] {
            Value::String(it) => Some(resolve::as_expression(&text(root, it, depth + 1))),
            it @ (Value::Number(_) | Value::Bool(_)) => Some(it.to_string()),
            _ => None,
        }
    };
    plain(&resolve::text(it, &lookup))
}

/// Returns a text in which each `${"literal"}` is replaced by the literal.
fn plain(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("${\"") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut quoted = serde_json::Deserializer::from_str(&from[2..]).into_iter::<String>();
        let literal = quoted.next().and_then(Result::ok).filter(|it| !it.contains("${"));
        let after = &from[2 + quoted.byte_offset()..];
        match (literal, after.strip_prefix('}')) {
            (Some(it), Some(after)) if !before.ends_with('$') => {
                out.push_str(&it);
                rest = after;
            }
            _ => {
                out.push_str("${\"");
                rest = &from[3..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Returns the address and the attribute of each reference in a text.
pub(super) fn references(it: &str) -> Vec<(String, String)> {
    let found = RefCell::new(Vec::new());
    resolve::text(it, &|word| {
        let reference = split(word).map(|(address, it)| (address.to_owned(), it.to_owned()));
        found.borrow_mut().extend(reference);
        None
    });
    found.into_inner()
}

/// Splits `module.sqs.aws_sqs_queue.order_queue.arn` into the address and the attribute.
fn split(word: &str) -> Option<(&str, &str)> {
    word.rsplit_once('.').filter(|it| it.0.contains("aws_"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use infra_core::model::BlockKind;

    use crate::block::Block;

    #[test]
    fn references_to_literals_are_resolved() {
        let entry = |tf_type: &str, body: Value| {
            let address = format!("module.a.{tf_type}.x");
            let (kind, tf_type) = (BlockKind::Resource, tf_type.to_owned());
            (address.clone(), Block { address, kind, tf_type, body, document: None })
        };
        let blocks = [
            entry("aws_lambda_function", json!({ "function_name": "f", "memory_size": 128 })),
            entry(
                "aws_lambda_alias",
                json!({ "name": "live", "function_name": "${module.a.aws_lambda_function.x.function_name}" }),
            ),
            entry("aws_iam_role", json!({ "name": "${module.a.aws_iam_role.x.name}" })),
        ];
        let root = Root { blocks: blocks.into(), ..Root::default() };
        #[track_caller]
        fn check(root: &Root, given: Value, expected: Value) {
            assert_eq!(value(root, &given), expected);
        }
        let function = "module.a.aws_lambda_function.x";
        check(&root, json!(format!("${{{function}.function_name}}")), json!("f"));
        check(&root, json!("${module.a.aws_lambda_alias.x.function_name}"), json!("f"));
        check(&root, json!(["${module.a.aws_lambda_alias.x.name}/b"]), json!(["live/b"]));
        check(&root, json!(format!("${{{function}.memory_size}}")), json!("${128}"));
        let unknown = format!("${{{function}.arn}}:${{module.a.aws_lambda_alias.x.name}}");
        check(&root, json!(unknown), json!(format!("${{{function}.arn}}:live")));
        let call = format!("${{f({function}.function_name, \"a\")}}");
        check(&root, json!(call), json!("${f(\"f\", \"a\")}"));
        // A cycle of references ends.
        let round = value(&root, &json!("${module.a.aws_iam_role.x.name}"));
        assert_eq!(round, json!("${module.a.aws_iam_role.x.name}"));
        check(&root, json!("$${\"a\"}"), json!("$${\"a\"}"));
        let pair = |address: &str, it: &str| (address.to_owned(), it.to_owned());
        assert_eq!(
            references(&unknown),
            [pair(function, "arn"), pair("module.a.aws_lambda_alias.x", "name")]
        );
    }
}
