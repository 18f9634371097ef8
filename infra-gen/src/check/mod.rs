//! What must hold before anything is written.

mod violation;

use std::collections::BTreeMap;

pub use violation::Violation;

use crate::model::Stack;

/// Every broken rule of a root, with the line of Rust that it comes from.
pub fn stack(stack: &Stack, _files: &BTreeMap<String, String>) -> Vec<Violation> {
    stack.violations().to_vec()
}
