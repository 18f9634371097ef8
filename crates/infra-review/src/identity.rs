//! Decides whether two arguments name the same resource. A bucket can be written as `${aws_s3_bucket.state.id}`, as
//! `${aws_s3_bucket.state.bucket}` and by its name.

use serde_json::Value;

use super::{
    again,
    block::{Block, reference},
    root::Root,
};

/// The longest chain of references that is followed, because references can form a cycle.
const DEEPEST: usize = 8;

/// The resource that an argument names, as far as the files of the tree show it.
#[derive(Debug, Default)]
struct Named {
    /// The block at the end of the references.
    address: Option<String>,
    /// The literal value at the end of the references.
    literal: Option<String>,
}

/// Whether two values of an argument name the same resource, because they lead to the same address or to the same
/// literal. Each value is resolved in its own tree.
pub(super) fn alike((one, root): (&Value, &Root), (other, other_root): (&Value, &Root)) -> bool {
    if one.is_null() || other.is_null() {
        return one == other;
    }
    let (one, other) = (named(root, one), named(other_root, other));
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    same(&one.address, &other.address) || same(&one.literal, &other.literal)
}

/// The block of a type that a value names, by a reference or by its name in AWS.
pub(super) fn block<'r>(root: &'r Root, tf_type: &'static str, value: &Value) -> Option<&'r Block> {
    // A name does not find a resource that AWS identifies by more than its name.
    let [name] = again::identity(tf_type) else { return None };
    root.of_type(tf_type).find(|it| alike((&it.body[*name], root), (value, root)))
}

fn named(root: &Root, value: &Value) -> Named {
    let mut text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut address = None;
    for _ in 0..DEEPEST {
        let Some((to, attribute)) = reference(&text) else {
            return Named { address, literal: Some(text) };
        };
        address = Some(to.to_owned());
        let Some(block) = root.blocks.get(to) else { break };
        // The id of a resource that AWS identifies by its name alone is that name.
        let argument = match (attribute, again::identity(&block.tf_type)) {
            ("id", [name]) => *name,
            _ => attribute,
        };
        match &block.body[argument] {
            Value::String(it) => text = it.clone(),
            Value::Null => break,
            it => return Named { address, literal: Some(it.to_string()) },
        }
    }
    Named { address, literal: None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use infra_core::model::BlockKind;

    #[test]
    fn a_resource_can_be_named_in_several_ways() {
        let entry = |tf_type: &str, name: &str, body: Value| {
            let address = format!("{tf_type}.{name}");
            let (kind, tf_type) = (BlockKind::Resource, tf_type.to_owned());
            (address.clone(), Block { address, kind, tf_type, body, document: None })
        };
        let blocks = [
            entry("aws_s3_bucket", "x", json!({ "bucket": "orders" })),
            entry("aws_api_gateway_method", "x", json!({ "http_method": "POST" })),
            entry("aws_lambda_function", "f", json!({ "function_name": "f" })),
            entry(
                "aws_lambda_alias",
                "f",
                json!({ "name": "live", "function_name": "${aws_lambda_function.f.function_name}" }),
            ),
            entry("aws_iam_role", "round", json!({ "name": "${aws_iam_role.round.name}" })),
        ];
        let root = Root { blocks: blocks.into(), ..Root::default() };
        #[track_caller]
        fn check(root: &Root, all: &[&str], others: &[&str]) {
            let alike = |one: &str, other: &str| alike((&one.into(), root), (&other.into(), root));
            for one in all {
                all.iter().for_each(|other| assert!(alike(one, other), "{one} {other}"));
                others.iter().for_each(|other| assert!(!alike(one, other), "{one} {other}"));
            }
        }
        let bucket = ["${aws_s3_bucket.x.id}", "${aws_s3_bucket.x.bucket}", "orders"];
        check(&root, &bucket, &["${aws_s3_bucket.y.id}", "other", "${aws_s3_bucket.x.id}-more"]);
        check(&root, &["${aws_api_gateway_method.x.http_method}", "POST"], &["GET"]);
        let function = ["${aws_lambda_function.f.arn}", "${aws_lambda_alias.f.function_name}"];
        check(&root, &function, &["${aws_lambda_alias.f.arn}"]);
        check(&root, &["${aws_iam_role.round.name}"], &["round"]);
        // The text after a reference counts: two paths of one API are two resources.
        check(&root, &["${aws_s3_bucket.x.arn}/a"], &["${aws_s3_bucket.x.arn}/b"]);
        // A number equals its text, and null equals only null.
        assert!(alike((&json!(200), &root), (&json!("200"), &root)));
        assert!(alike((&Value::Null, &root), (&Value::Null, &root)));
        assert!(!alike((&Value::Null, &root), (&json!("null"), &root)));
    }
}
