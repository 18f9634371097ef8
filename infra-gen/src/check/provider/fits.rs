//! Whether a block plainly fits: the question that nearly every block of every run answers with yes.
//!
//! The JSON Schema of [`super::convert`] says what may stand in a block, and what is wrong with it. To
//! compile it for each type in each run is dear. So it is asked only where this walk over the block, by the same rules, has a doubt. A property test holds the two
//! together, and another test puts every generated block to the JSON Schema, too.

use super::{Block, Nested, types::Type};
use crate::model::expr::{Body, Term};

/// Whether nothing speaks against the arguments of a block.
pub(super) fn fits(body: &Body, block: &Block<'_>) -> bool {
    let Body::Map(fields) = body else { return false };
    if block.deprecated {
        return false;
    }
    let mut required = 0;
    for (name, value) in fields.iter() {
        // No name is both. Most are attributes.
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

/// Whether a value is of a type, or an expression, of which only Terraform knows what it comes to.
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
