//! Converts a block to a canonical form, in which different notations of the same value are equal.
//!
//! Terraform converts numbers, bools and strings into each other by the type of the argument, accepts a nested block
//! alone or in a list, and keeps no order in a set.
//! <https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion>

use serde_json::Value;

use super::{Block, Nesting, ProviderSchema, types::Type};
use crate::model::BlockKind;

impl ProviderSchema<'_> {
    /// The canonical form of a block's body. A body of an unknown type stays as it is.
    pub fn canonical(&self, kind: BlockKind, tf_type: &str, body: Value) -> Value {
        let Some(schema) = self.block(kind, tf_type) else { return body };
        let mut body = block(schema, body);
        for (_, name) in UNORDERED.iter().filter(|it| it.0 == tf_type) {
            if let Some(Value::Array(items)) = body.get_mut(*name) {
                items.sort_by_cached_key(Value::to_string);
            }
        }
        body
    }

    /// Whether a resource's argument gets its value from AWS if it is not set.
    pub fn is_filled_in(&self, tf_type: &str, path: &[&str]) -> bool {
        let Some((last, way)) = path.split_last() else { return false };
        let mut block = self.block(BlockKind::Resource, tf_type);
        for name in way {
            block = block.and_then(|it| it.block_types.get(name)).map(|it| &it.block);
        }
        let argument = block.and_then(|it| it.attributes.get(last));
        argument.is_some_and(|it| it.optional && it.computed)
    }
}

/// Lists whose order the provider ignores: a plan for another order is empty.
const UNORDERED: &[(&str, &str)] =
    &[("aws_wafv2_web_acl_logging_configuration", "redacted_fields")];

impl ProviderSchema<'_> {
    /// Whether an argument at a path can be set.
    pub fn has(&self, kind: BlockKind, tf_type: &str, path: &[&str]) -> bool {
        fn within(block: &Block<'_>, path: &[&str]) -> bool {
            let Some((name, rest)) = path.split_first() else { return true };
            match (block.attributes.get(name), block.block_types.get(name)) {
                // The schema does not list the keys of a map.
                (Some(it), _) => it.required || it.optional,
                (_, Some(nested)) => within(&nested.block, rest),
                _ => false,
            }
        }
        self.block(kind, tf_type).is_some_and(|it| within(it, path))
    }
}

impl ProviderSchema<'_> {
    /// Whether a path leads to a nested block, and not to an argument.
    pub fn is_block(&self, kind: BlockKind, tf_type: &str, path: &[&str]) -> bool {
        let mut block = self.block(kind, tf_type);
        for name in path {
            block = block.and_then(|it| it.block_types.get(name)).map(|it| &it.block);
        }
        block.is_some()
    }
}

fn block(schema: &Block<'_>, body: Value) -> Value {
    let Value::Object(fields) = body else { return body };
    let fields = fields.into_iter().filter_map(|(name, value)| {
        if let Some(nested) = schema.block_types.get(name.as_str()) {
            let items = match value {
                Value::Array(items) => items,
                Value::Null => Vec::new(),
                one => vec![one],
            };
            let mut items: Vec<_> = items.into_iter().map(|it| block(&nested.block, it)).collect();
            if nested.nesting_mode == Nesting::Set {
                items.sort_by_cached_key(|it| (self::name(it).map(str::to_owned), it.to_string()));
                items.dedup();
            }
            return (!items.is_empty()).then_some((name, Value::Array(items)));
        }
        match schema.attributes.get(name.as_str()) {
            Some(_) if value.is_null() => None,
            // An empty value equals an argument that is not set, unless AWS sets the argument.
            Some(attribute) if !attribute.computed && is_empty(&value) => None,
            Some(attribute) => Some((name, of_type(&attribute.is, value))),
            None => Some((name, value)),
        }
    });
    Value::Object(fields.collect())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn of_type(is: &Type<'_>, value: Value) -> Value {
    match (is, value) {
        (Type::String, Value::Bool(it)) => Value::String(it.to_string()),
        (Type::String, Value::Number(it)) => Value::String(whole(Value::Number(it)).to_string()),
        (Type::Number, Value::String(text)) => match text.parse::<f64>() {
            Ok(it) if it.is_finite() => whole(it.into()),
            _ => Value::String(text),
        },
        (Type::Number, it) => whole(it),
        (Type::Bool, Value::String(text)) => match text.parse() {
            Ok(it) => Value::Bool(it),
            Err(_) => Value::String(text),
        },
        (Type::Set(of), Value::Array(items)) => {
            let mut items: Vec<_> = items.into_iter().map(|it| of_type(of, it)).collect();
            items.sort_by_cached_key(Value::to_string);
            items.dedup();
            Value::Array(items)
        }
        (Type::List(of), Value::Array(items)) => {
            items.into_iter().map(|it| of_type(of, it)).collect()
        }
        (Type::Map(of), Value::Object(fields)) => {
            fields.into_iter().map(|(name, it)| (name, of_type(of, it))).collect()
        }
        (Type::Object(known), Value::Object(fields)) => fields
            .into_iter()
            .map(|(name, it)| {
                let it = match known.get(name.as_str()) {
                    Some(of) => of_type(of, it),
                    None => it,
                };
                (name, it)
            })
            .collect(),
        (_, it) => it,
    }
}

/// The name of a nested block, if it has one.
pub fn name(block: &Value) -> Option<&str> {
    let keys = ["name", "id", "attribute_name", "index_name"];
    keys.iter().find_map(|key| block.get(key)?.as_str())
}

/// A number without a zero fraction: 15 for 15.0.
pub fn whole(number: Value) -> Value {
    /// Up to this bound, a float represents each whole number exactly.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(it) if number.is_f64() && it.fract() == 0.0 && it.abs() < EXACT => {
            Value::from(it as i64)
        }
        _ => number,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::provider::run;

    #[test]
    fn values_that_differ_only_in_notation_are_equal() {
        let schema = run();
        let check = |tf_type: &str, body: Value, expected: Value| {
            assert_eq!(schema.canonical(BlockKind::Resource, tf_type, body), expected, "{tf_type}");
        };
        check(
            "aws_sqs_queue",
            json!({ "name": 7, "visibility_timeout_seconds": "180", "fifo_queue": "true", "policy": null }),
            json!({ "name": "7", "visibility_timeout_seconds": 180, "fifo_queue": true }),
        );
        check("aws_sqs_queue", json!({ "delay_seconds": 15.0 }), json!({ "delay_seconds": 15 }));
        check(
            "aws_sqs_queue",
            json!({ "delay_seconds": "${var.x}" }),
            json!({ "delay_seconds": "${var.x}" }),
        );
        // The order counts in a list, and not in a set.
        check(
            "aws_cloudwatch_metric_alarm",
            json!({ "alarm_actions": ["b", "a", "b"] }),
            json!({ "alarm_actions": ["a", "b"] }),
        );
        let types = json!({ "endpoint_configuration": { "types": ["REGIONAL", "EDGE"] } });
        check(
            "aws_api_gateway_rest_api",
            types,
            json!({ "endpoint_configuration": [{ "types": ["REGIONAL", "EDGE"] }] }),
        );
        // The schema accepts any value here.
        check("aws_none", json!({ "a": "1", "b": [2, 1] }), json!({ "a": "1", "b": [2, 1] }));
    }
}
