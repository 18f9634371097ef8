//! What must hold before anything is written.

mod rules;
mod violation;

pub use violation::Violation;

use crate::model::Stack;

/// Every broken rule of a root, with the line of Rust that it comes from.
pub fn stack(stack: &Stack) -> Vec<Violation> {
    let mut found = stack.violations().to_vec();
    found.extend(rules::check(stack));
    locate(stack, &mut found);
    found.sort();
    found
}

/// Adds the line of Rust to every violation whose address a block has.
fn locate(stack: &Stack, found: &mut [Violation]) {
    for violation in found {
        let of = |address: &str| {
            violation
                .address
                .strip_prefix(address)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', ',', ' ']))
        };
        let node = stack.nodes().find(|it| of(&it.address.to_string()));
        violation.source = node.map(|it| format!("{}:{}", it.source.file(), it.source.line()));
    }
}
