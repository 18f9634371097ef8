//! Converts the provider's schema to a JSON Schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Block, types::Type};

/// The format of text that Terraform evaluates.
const TEMPLATE: &str = "terraform-template";

/// Whether Terraform evaluates a text, so that it may be a value of any type. `$${` and `%%{` are plain text.
///
/// This is a format and not a pattern, because a regular expression would be compiled for every type of block, which
/// took a fifth of a whole run.
fn is_template(text: &str) -> bool {
    ['$', '%'].into_iter().any(|sign| {
        let marks = text.match_indices(if sign == '$' { "${" } else { "%{" });
        marks.into_iter().any(|(at, _)| !text[..at].ends_with(sign))
    })
}

/// A validator for blocks of a type, with only the arguments that they set.
pub(super) fn validator(
    of: &Block<'_>,
    set: &Shape,
) -> Result<jsonschema::Validator, jsonschema::ValidationError<'static>> {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .with_format(TEMPLATE, is_template)
        .should_validate_formats(true)
        .build(&block(of, set))
}

/// The arguments that are set in a block and in its nested blocks.
#[derive(Debug, Default)]
pub(super) struct Shape(BTreeMap<String, Shape>);

impl Shape {
    pub(super) fn of(body: &Value) -> Self {
        match body {
            Value::Object(fields) => {
                Shape(fields.iter().map(|(name, it)| (name.clone(), Shape::of(it))).collect())
            }
            Value::Array(items) => items.iter().map(Shape::of).collect(),
            _ => Shape::default(),
        }
    }
}

/// The arguments that are set in any of the shapes.
impl FromIterator<Shape> for Shape {
    fn from_iter<I: IntoIterator<Item = Shape>>(shapes: I) -> Self {
        let mut all: BTreeMap<String, Vec<Shape>> = BTreeMap::new();
        for Shape(fields) in shapes {
            for (name, inner) in fields {
                all.entry(name).or_default().push(inner);
            }
        }
        Shape(all.into_iter().map(|(name, inner)| (name, inner.into_iter().collect())).collect())
    }
}

/// The JSON Schema of a block, with only the arguments in `set`. Computed and deprecated arguments are left out, and
/// [`super::block`] reports the reason if one is set.
pub(super) fn block(block: &Block<'_>, set: &Shape) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    // Sorted, so that the schema is the same each time.
    let attributes: BTreeMap<_, _> = block.attributes.iter().collect();
    for (name, attribute) in attributes.into_iter().filter(|(_, it)| it.is_settable()) {
        if set.0.contains_key(*name) {
            properties.insert((*name).to_owned(), of_type(&attribute.is));
        }
        if attribute.required {
            required.push(*name);
        }
    }
    for (name, nested) in block.block_types.iter().filter(|(_, it)| !it.block.deprecated) {
        if nested.min_items > 0 {
            required.push(*name);
        }
        let Some(set) = set.0.get(*name) else { continue };
        let mut list = json!({ "type": "array", "items": self::block(&nested.block, set) });
        if let Some(most) = nested.at_most() {
            list["maxItems"] = most.into();
        }
        if nested.min_items > 0 {
            list["minItems"] = nested.min_items.into();
        }
        properties.insert((*name).to_owned(), list);
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_type(is: &Type<'_>) -> Value {
    let or_template = |name: &str| json!({ "type": [name, "string"], "format": TEMPLATE });
    match is {
        Type::String => json!({ "type": "string" }),
        Type::Number => or_template("number"),
        Type::Bool => or_template("boolean"),
        Type::List(of) | Type::Set(of) => {
            let mut list = or_template("array");
            list["items"] = of_type(of);
            list
        }
        Type::Map(of) => {
            let mut map = or_template("object");
            map["additionalProperties"] = of_type(of);
            map
        }
        Type::Object(fields) => {
            let mut object = or_template("object");
            let fields = fields.iter().map(|(key, it)| ((*key).to_owned(), of_type(it)));
            object["properties"] = Value::Object(fields.collect());
            object["additionalProperties"] = false.into();
            object
        }
        Type::Any => json!(true),
    }
}
