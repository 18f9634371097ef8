//! Renders a stack to text. The functions are pure: no IO, no clock, and all maps are sorted.

mod block;
mod body;
pub mod buildspec;
mod document;
mod json;
pub(crate) mod openapi;
pub(crate) mod refactoring;
mod term;
mod terraform;
pub mod workflow;

pub(crate) use block::argument;
pub use block::block;
pub use terraform::root;

#[cfg(test)]
pub(crate) use body::{canonical, value};
pub(crate) use document::document;
pub(crate) use json::{compact, sorted};
