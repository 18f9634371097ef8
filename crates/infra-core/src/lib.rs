//! Typed AWS infrastructure: describe resources as Rust values, and render Terraform JSON, Amazon States Language and build
//! specs from them.
//!
//! - [`model`]: resources, references between them, rights, alarms, state machines. A wrong wire does not compile.
//! - [`render`]: the text of each file. [`check`]: what the types cannot see, judged before anything is written.
//! - [`generate`]: a stack as files and violations. Start here.
//! - [`ledger`]: the addresses that a committed stack has. [`tree`]: writes the files, or compares them.
//! - [`wiring`], [`graph`], [`explain`], [`overview`], [`baseline`]: what a stack says about itself.
//!
//! Dependencies point one way: `model` is at the bottom, then come `render` and `check`, then the rest. Only [`tree`] does IO.

// The macros of this crate expand to paths that begin with the crate's name.
extern crate self as infra_core;

pub mod baseline;
pub mod check;
pub mod explain;
pub mod generate;
pub mod graph;
pub mod ledger;
pub mod model;
pub mod overview;
pub mod parallel;
pub mod render;
pub mod tree;
pub mod violation;
pub mod wiring;

/// The topology of an example, for the tests of this crate.
#[cfg(test)]
#[path = "../../../examples/thumbnails/src/lib.rs"]
pub mod thumbnails;
