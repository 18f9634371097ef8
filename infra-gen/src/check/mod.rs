//! What must hold before anything is written.

pub mod asl;
pub mod buildspec;
mod json_schema;
pub mod policy;
pub mod provider;
mod refactoring;
mod rules;
pub mod workflow;

pub use crate::violation::Violation;

use serde_json::Value;

use crate::{
    model::{Stack, stack::Node},
    render,
};

/// Every broken rule of a root, with the line of Rust that it comes from.
pub fn stack(stack: &Stack) -> Vec<Violation> {
    let blocks: Vec<_> = stack.nodes().map(Rendered::of).collect();
    let mut found = stack.violations().to_vec();
    found.extend(rules::check(stack, &blocks));
    found.extend(refactoring::check(stack));
    found.extend(policy::check(stack));
    // The two that compile schemas, side by side.
    std::thread::scope(|scope| {
        let machines = scope.spawn(|| machines(stack));
        found.extend(provider::check(&blocks));
        found.extend(machines.join().unwrap_or_else(|it| std::panic::resume_unwind(it)));
    });
    locate(stack, &mut found);
    found.sort();
    found
}

/// A block as Terraform will read it.
struct Rendered<'s> {
    node: &'s Node,
    address: String,
    body: Value,
}

impl<'s> Rendered<'s> {
    fn of(node: &'s Node) -> Self {
        Rendered { node, address: node.address.to_string(), body: render::block(node) }
    }
}

/// The definitions of all state machines.
fn machines(stack: &Stack) -> Vec<Violation> {
    let mut found = Vec::new();
    for node in stack.nodes().filter(|it| it.address.tf_type() == "aws_sfn_state_machine") {
        let mut documents = Vec::new();
        node.body.documents(&mut documents);
        for document in documents {
            found.extend(asl::check(&node.address.to_string(), &render::document(document)));
        }
    }
    found
}

/// A line of Rust, for people.
pub(crate) fn line(source: &std::panic::Location<'_>) -> String {
    format!("{}:{}", source.file(), source.line())
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
        if let Some(node) = node {
            violation.source = Some(line(node.source));
        }
    }
}
