//! Whether a block plainly fits: the question that nearly every block of every run answers with yes.
//!
//! The JSON Schema of [`super::convert`] says what may stand in a block, and what is wrong with it. To
//! compile it for fifty types takes longer than all else that the generator does. So it is asked only
//! where this walk over the block, by the same rules, has a doubt. A property test holds the two
//! together, and another test puts every generated block to the JSON Schema, too.

use serde_json::Value;

use super::{Block, Nested, convert::is_template, types::Type};

/// Whether nothing speaks against a body. `apart` are names that are not the provider's.
pub(super) fn fits(body: &Value, block: &Block<'_>, apart: &[&str]) -> bool {
    let Value::Object(fields) = body else { return false };
    let mut required = 0;
    for (name, value) in fields.iter().filter(|(name, _)| !apart.contains(&name.as_str())) {
        let name = name.as_str();
        if let Some(nested) = block.block_types.get(name) {
            if !value.is_null() {
                if !nested_fits(value, nested) {
                    return false;
                }
                required += usize::from(nested.min_items > 0);
            }
        } else if let Some(attribute) = block.attributes.get(name) {
            if !value.is_null() {
                if !attribute.is_settable() || !takes(&attribute.is, value) {
                    return false;
                }
                required += usize::from(attribute.required);
            }
        } else {
            return false;
        }
    }
    required == block.required()
}

fn nested_fits(value: &Value, nested: &Nested<'_>) -> bool {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let count = items.len() as u64;
    !nested.block.deprecated
        && count >= nested.min_items
        && nested.at_most().is_none_or(|most| count <= most)
        && items.iter().all(|it| fits(it, &nested.block, &["//"]))
}

/// Whether a value is of a type, or text that Terraform evaluates.
fn takes(is: &Type<'_>, value: &Value) -> bool {
    match (is, value) {
        (Type::Any | Type::String, Value::String(_)) | (Type::Any, _) => true,
        (_, Value::String(text)) => is_template(text),
        (Type::Number, Value::Number(_)) | (Type::Bool, Value::Bool(_)) => true,
        (Type::List(of), Value::Array(items)) => items.iter().all(|it| takes(of, it)),
        (Type::Map(of), Value::Object(fields)) => fields.values().all(|it| takes(of, it)),
        (Type::Object(known), Value::Object(fields)) => {
            let fits =
                |(name, it): (&String, _)| known.get(name.as_str()).is_some_and(|of| takes(of, it));
            fields.iter().all(fits)
        }
        _ => false,
    }
}
