//! Pure functions from a stack to text. No IO, no clock, no map order but the sorted one.

mod block;
mod body;
pub mod buildspec;
mod document;
mod json;
pub(crate) mod refactoring;
mod term;
mod terraform;
pub mod workflow;

pub(crate) use block::{argument, block};
pub use terraform::root;

#[cfg(test)]
pub(crate) use body::{canonical, value};
pub(crate) use document::document;
pub(crate) use json::{compact, sorted};
