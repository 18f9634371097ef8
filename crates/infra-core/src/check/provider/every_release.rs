//! Builds the schema that all releases have in common.
//!
//! Reading the schemas of all releases in each run would take long, and nearly every block fits all of them. So
//! `infra-gen schema` writes the common schema to a file. A block that fits it fits each release. Only a block that
//! does not fit it is checked with each release.

use serde_json::{Map, Value};

use super::deprecated;

const ATTRIBUTES: &str = "attributes";
const BLOCKS: &str = "block_types";

/// The schema that all vendored schemas have in common, in the same format.
pub(super) fn schema(releases: &[Value]) -> Value {
    let section = |name: &str| {
        let types: Vec<_> = releases.iter().filter_map(|it| it[name].as_object()).collect();
        let common = names(&types).into_iter().filter_map(|tf_type| {
            let blocks: Vec<_> = types.iter().map(|it| &it[tf_type]["block"]).collect();
            let block = block(&blocks, tf_type, &[])?;
            Some((tf_type.to_owned(), serde_json::json!({ "block": block })))
        });
        Value::Object(common.collect())
    };
    serde_json::json!({
        "made": "The arguments and attributes that all vendored schemas have. Made by `infra-gen schema` from these schemas.",
        "resource_schemas": section("resource_schemas"),
        "data_source_schemas": section("data_source_schemas"),
    })
}

/// The names that all schemas contain, in the order of the first.
fn names<'v>(all: &[&'v Map<String, Value>]) -> Vec<&'v str> {
    let Some((first, others)) = all.split_first() else { return Vec::new() };
    let names = first.keys().filter(|it| others.iter().all(|other| other.contains_key(*it)));
    names.map(String::as_str).collect()
}

/// The common schema of a block. `None` if no block can fit all schemas, or if one schema cannot express it.
fn block(blocks: &[&Value], tf_type: &str, path: &[&str]) -> Option<Value> {
    let empty = Map::new();
    let members = |of: &str| -> Vec<&Map<String, Value>> {
        blocks.iter().map(|it| it[of].as_object().unwrap_or(&empty)).collect()
    };
    let (attributes, nested) = (members(ATTRIBUTES), members(BLOCKS));
    let mut common = Map::new();
    let known = names(&attributes).into_iter().filter_map(|name| {
        let all: Vec<_> = attributes.iter().map(|it| &it[name]).collect();
        Some((name.to_owned(), attribute(&all, tf_type, &[path, &[name]].concat())?))
    });
    let known: Map<String, Value> = known.collect();
    let inner = names(&nested).into_iter().filter_map(|name| {
        let all: Vec<_> = nested.iter().map(|it| &it[name]).collect();
        Some((name.to_owned(), nested_block(&all, tf_type, &[path, &[name]].concat())?))
    });
    let inner: Map<String, Value> = inner.collect();
    // The common schema must have every required argument of each release. Otherwise a block without it would fit.
    let asked = |it: &Value| it["required"] == true || it["min_items"].as_u64() > Some(0);
    let mut required = attributes.iter().chain(&nested).flat_map(|it| it.iter());
    if required
        .any(|(name, it)| asked(it) && !known.contains_key(name) && !inner.contains_key(name))
    {
        return None;
    }
    if !known.is_empty() {
        common.insert(ATTRIBUTES.to_owned(), known.into());
    }
    if !inner.is_empty() {
        common.insert(BLOCKS.to_owned(), inner.into());
    }
    if blocks.iter().any(|it| it["deprecated"] == true) {
        common.insert("deprecated".to_owned(), true.into());
    }
    Some(common.into())
}

fn attribute(all: &[&Value], tf_type: &str, path: &[&str]) -> Option<Value> {
    let any = |flag: &str| all.iter().any(|it| it[flag] == true);
    let settable = all.iter().all(|it| it["required"] == true || it["optional"] == true);
    if all.iter().any(|it| it["type"] != all[0]["type"]) || any("required") && !settable {
        return None;
    }
    let mut common = Map::from_iter([("type".to_owned(), all[0]["type"].clone())]);
    let mut set =
        |flag: &str, it: bool| drop(it.then(|| common.insert(flag.to_owned(), true.into())));
    set("required", any("required"));
    set("optional", settable && !any("required"));
    set("computed", any("computed"));
    set("deprecated", any("deprecated") && deprecated::reason(tf_type, path).is_none());
    Some(common.into())
}

fn nested_block(all: &[&Value], tf_type: &str, path: &[&str]) -> Option<Value> {
    if all.iter().any(|it| it["nesting_mode"] != all[0]["nesting_mode"]) {
        return None;
    }
    let blocks: Vec<_> = all.iter().map(|it| &it["block"]).collect();
    let mut common = serde_json::json!({
        "block": block(&blocks, tf_type, path)?,
        "nesting_mode": all[0]["nesting_mode"],
    });
    let counts = |of: &str| {
        all.iter().filter_map(|it| it[of].as_u64()).filter(|it| *it > 0).collect::<Vec<_>>()
    };
    if let Some(least) = counts("min_items").into_iter().max() {
        common["min_items"] = least.into();
    }
    if let Some(most) = counts("max_items").into_iter().min() {
        common["max_items"] = most.into();
    }
    Some(common)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Compares a type in two releases with the expected common schema.
    #[track_caller]
    fn check(older: Value, newer: Value, expected: Value) {
        let release =
            |block: Value| json!({ "resource_schemas": { "aws_it": { "block": block } } });
        let common = schema(&[release(older), release(newer)]);
        let found =
            common["resource_schemas"].get("aws_it").map_or(&Value::Null, |it| &it["block"]);
        assert_eq!(*found, expected);
    }

    #[test]
    fn an_argument_that_one_release_lacks_is_not_in_common() {
        let text = json!({ "optional": true, "type": "string" });
        let with = |it: &Value| json!({ "attributes": { "a": it } });
        check(with(&text), with(&text), with(&text));
        check(with(&text), json!({}), json!({}));
        check(with(&text), with(&json!({ "optional": true, "type": "bool" })), json!({}));
        // Both releases allow references to it, but only one allows setting it.
        let computed = json!({ "computed": true, "type": "string" });
        check(with(&text), with(&computed), with(&computed));
        let deprecated = json!({ "deprecated": true, "optional": true, "type": "string" });
        check(with(&text), with(&deprecated), with(&deprecated));
        // A block in one, and an argument in the other.
        let nested = json!({ "block_types": { "a": { "block": {}, "nesting_mode": "list" } } });
        check(with(&text), nested, json!({}));
    }

    #[test]
    fn an_argument_that_one_release_requires_is_required() {
        let with = |it: Value| json!({ "attributes": { "a": it } });
        let required = json!({ "required": true, "type": "string" });
        let optional = json!({ "optional": true, "type": "string" });
        check(with(optional.clone()), with(required.clone()), with(required.clone()));
        // No block fits both, so the common schema lacks the type.
        check(json!({}), with(required.clone()), Value::Null);
        check(with(required), with(json!({ "computed": true, "type": "string" })), Value::Null);
        let blocks = |least: u64, most: u64| {
            let nested = json!({
                "block": {}, "max_items": most, "min_items": least, "nesting_mode": "list",
            });
            json!({ "block_types": { "a": nested } })
        };
        check(blocks(1, 4), blocks(2, 3), blocks(2, 3));
        check(json!({}), blocks(1, 2), Value::Null);
    }
}
