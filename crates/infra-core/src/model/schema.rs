//! Converts Rust types to JSON Schema draft-04, the draft of API Gateway's models.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// A schema that API Gateway accepts.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft04(Value);

/// The keywords of draft-04 that API Gateway supports.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>
const KEYWORDS: &[&str] = &[
    "$schema",
    "additionalProperties",
    "allOf",
    "anyOf",
    "description",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
    "uniqueItems",
];

impl Draft04 {
    /// The schema of `T`, as it is deserialized.
    ///
    /// # Errors
    ///
    /// The keywords that draft-04 lacks, sorted.
    pub fn of<T: JsonSchema>() -> Result<Self, Vec<String>> {
        Self::from(|it| it.into_root_schema_for::<T>())
    }

    /// The schema that a function writes.
    ///
    /// # Errors
    ///
    /// The keywords that draft-04 lacks, sorted.
    pub(in crate::model) fn from(
        schema: impl FnOnce(SchemaGenerator) -> Schema,
    ) -> Result<Self, Vec<String>> {
        let mut settings = SchemaSettings::draft07();
        settings.inline_subschemas = true;
        let schema = schema(settings.into_generator());
        let mut unknown = Vec::new();
        let mut value = translate(schema.to_value(), &mut unknown);
        if let Value::Object(fields) = &mut value {
            fields.insert("$schema".to_owned(), json!("http://json-schema.org/draft-04/schema#"));
        }
        // The order of a map may change with a feature of `serde_json`.
        unknown.sort_unstable();
        if unknown.is_empty() { Ok(Draft04(value)) } else { Err(unknown) }
    }

    /// The document.
    pub fn as_value(&self) -> &Value {
        &self.0
    }
}

/// Converts a schema, and the schemas inside of it.
fn translate(schema: Value, unknown: &mut Vec<String>) -> Value {
    let fields = match schema {
        Value::Object(fields) => fields,
        // `true` and `false` are valid schemas only since draft-06.
        Value::Bool(true) => return json!({}),
        Value::Bool(false) => return json!({ "not": {} }),
        other => return other,
    };
    let mut out = Map::new();
    for (keyword, value) in fields {
        match keyword.as_str() {
            // Since draft-06 an exclusive bound is a number. In draft-04 it is a flag of the inclusive bound.
            "exclusiveMinimum" | "exclusiveMaximum" => {
                let bound = keyword.replace("exclusiveM", "m");
                out.insert(bound, value);
                out.insert(keyword, json!(true));
            }
            "const" => drop(out.insert("enum".to_owned(), json!([value]))),
            // Formats of Rust's integers, and defaults, are annotations: they constrain nothing.
            "format" | "default" => (),
            "properties" => {
                let Value::Object(properties) = value else { continue };
                let properties: Map<_, _> = properties
                    .into_iter()
                    .map(|(name, it)| (name, translate(it, unknown)))
                    .collect();
                out.insert(keyword, properties.into());
            }
            "items" | "additionalProperties" | "not" => match value {
                // The only keyword for which draft-04 allows booleans, too.
                Value::Bool(_) => drop(out.insert(keyword, value)),
                value => drop(out.insert(keyword, translate(value, unknown))),
            },
            "allOf" | "anyOf" | "oneOf" => {
                let Value::Array(schemas) = value else { continue };
                let schemas: Vec<_> =
                    schemas.into_iter().map(|it| translate(it, unknown)).collect();
                out.insert(keyword, schemas.into());
            }
            known if KEYWORDS.contains(&known) => drop(out.insert(keyword, value)),
            _ => unknown.push(keyword),
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_types_become_draft_04() {
        fn check(schema: Value, expected: Value) {
            assert_eq!(translate(schema, &mut Vec::new()), expected);
        }
        check(json!({ "exclusiveMinimum": 3 }), json!({ "minimum": 3, "exclusiveMinimum": true }));
        check(json!({ "const": "a" }), json!({ "enum": ["a"] }));
        check(json!({ "type": "integer", "format": "uint8" }), json!({ "type": "integer" }));
        check(json!({ "items": true }), json!({ "items": true }));
        check(
            json!({ "anyOf": [true, { "const": 1 }] }),
            json!({ "anyOf": [{}, { "enum": [1] }] }),
        );
    }

    #[test]
    fn a_keyword_that_draft_04_lacks_is_named() {
        let mut unknown = Vec::new();
        translate(json!({ "properties": { "a": { "if": {} } } }), &mut unknown);
        assert_eq!(unknown, ["if"]);
    }
}
