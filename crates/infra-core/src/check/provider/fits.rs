//! A fast check whether a block fits its schema, which nearly every block does.
//!
//! The JSON Schema of [`super::convert`] finds what is wrong with a block, but compiling it for each type in each run takes
//! long. So it is used only for blocks that do not pass this check, which has the same rules. A property test compares
//! the two, and another test checks every generated block with the JSON Schema, too.

use super::{Block, Nested, types::Type};
use crate::model::expr::{Body, Term};

/// Whether the arguments of a block fit its schema.
pub(super) fn fits(body: &Body, block: &Block<'_>) -> bool {
    let Body::Map(fields) = body else { return false };
    if block.deprecated {
        return false;
    }
    let mut required = 0;
    for (name, value) in fields.iter() {
        // A name is an attribute or a nested block, never both. Most are attributes.
        if let Some(attribute) = block.attributes.get(name) {
            if !attribute.is_settable() || !takes(&attribute.is, value) {
                return false;
            }
            required += usize::from(attribute.required);
        } else if let Some(nested) = block.block_types.get(name) {
            if !nested_fits(value, nested) {
                return false;
            }
            required += usize::from(nested.min_items > 0);
        } else {
            return false;
        }
    }
    required == block.required()
}

fn nested_fits(value: &Body, nested: &Nested<'_>) -> bool {
    let items = match value {
        Body::List(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let count = items.len() as u64;
    !nested.block.deprecated
        && count >= nested.min_items
        && nested.at_most().is_none_or(|most| count <= most)
        && items.iter().all(|it| fits(it, &nested.block))
}

/// Whether a value has a type, or is an expression whose value only Terraform knows.
fn takes(is: &Type<'_>, value: &Body) -> bool {
    match (is, value) {
        (Type::Any, _) => true,
        (Type::String, Body::Text(_) | Body::Term(_) | Body::Json(_) | Body::File(_)) => true,
        (_, Body::Term(it)) => !matches!(it.0, Term::Text(_) | Term::Concat(_)),
        (Type::Number, Body::Number(_)) | (Type::Bool, Body::Bool(_)) => true,
        (Type::List(of) | Type::Set(of), Body::List(items)) => items.iter().all(|it| takes(of, it)),
        (Type::Map(of), Body::Map(fields)) => fields.values().all(|it| takes(of, it)),
        (Type::Object(known), Body::Map(fields)) => {
            fields.iter().all(|(name, it)| known.get(name).is_some_and(|of| takes(of, it)))
        }
        _ => false,
    }
}
