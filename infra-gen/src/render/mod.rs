//! Pure functions from a stack to text. No IO, no clock, no map order but the sorted one.

pub mod buildspec;
mod json;
pub(crate) mod refactoring;
mod term;
mod terraform;
pub mod workflow;

pub(crate) use terraform::block;
pub use terraform::root;

#[cfg(test)]
pub(crate) use json::{canonical, value};
pub(crate) use json::{compact, document, sorted};
