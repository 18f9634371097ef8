//! The rules that a stack must keep. Nothing is written while one is broken.

pub mod asl;
pub mod buildspec;
mod index;
mod json_schema;
mod parts;
pub mod policy;
pub mod provider;
mod quotas;
mod refactoring;
pub mod relations;
mod rules;
mod unused;
pub mod workflow;

pub use crate::violation::Violation;

use std::collections::BTreeMap;

use self::parts::{Part, parts};
use crate::{model::Stack, parallel, render};

/// Every violation of a root, with the line of Rust that added the block.
pub fn stack(stack: &Stack) -> Vec<Violation> {
    let mut found = stack.violations().to_vec();
    found.extend(refactoring::check(stack));
    let of_parts = parallel::few(&parts(stack), stack.nodes().count(), |part| {
        let mut found = blocks(stack, part);
        // State machines come last, because the schema that they need takes longest to compile.
        found.extend(machines(part));
        found
    });
    found.extend(of_parts.into_iter().flatten());
    locate(stack, &mut found);
    found.sort();
    found
}

/// Reads and compiles the schemas that the checks need. A caller starts this while it still builds the stack.
pub fn get_ready() {
    provider::every_release();
    asl::get_ready();
}

fn blocks(stack: &Stack, part: &Part<'_>) -> Vec<Violation> {
    let blocks = policy::Blocks::of_nodes(&part.nodes);
    let pairs: Vec<_> = part.nodes.iter().copied().zip(blocks.all()).collect();
    let mut found = rules::check(&pairs);
    found.extend(rules::label_clashes(&blocks));
    found.extend(policy::check(&blocks, stack.posture(), &part.aside));
    found.extend(quotas::check(stack, &blocks, &pairs));
    found.extend(index::check(stack, &blocks));
    found.extend(relations::check(stack, &blocks));
    found.extend(unused::check(stack, &blocks, &part.nodes));
    found.extend(provider::check(&pairs));
    found
}

/// Checks the definitions of all state machines.
fn machines(part: &Part<'_>) -> Vec<Violation> {
    let all = part.nodes.iter().filter(|it| it.address.tf_type() == "aws_sfn_state_machine");
    let found = parallel::map(&all.collect::<Vec<_>>(), |node| {
        let mut documents = Vec::new();
        node.body.documents(&mut documents);
        let address = node.address.to_string();
        let found = documents.into_iter().map(|it| asl::check(&address, &render::document(it)));
        found.flatten().collect::<Vec<_>>()
    });
    found.into_iter().flatten().collect()
}

/// A line of Rust as `file:line`.
pub fn line(source: &std::panic::Location<'_>) -> String {
    format!("{}:{}", source.file(), source.line())
}

/// Adds the line of Rust to every violation whose address begins with the address of a block.
fn locate(stack: &Stack, found: &mut [Violation]) {
    if found.is_empty() {
        return;
    }
    let nodes: BTreeMap<_, _> = stack.nodes().map(|it| (it.address.to_string(), it)).collect();
    for violation in found {
        let address = &violation.address;
        let ends = address.match_indices(['.', '[', ',', ' ']).map(|(at, _)| at).rev();
        let starts = std::iter::once(address.len()).chain(ends).map(|end| &address[..end]);
        if let Some(node) = starts.into_iter().find_map(|it| nodes.get(it)) {
            violation.source = Some(line(node.source));
        }
    }
}
