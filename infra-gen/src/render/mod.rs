//! Pure functions from a stack to text. No IO, no clock, no map order but the sorted one.

pub mod buildspec;
mod json;
pub(crate) mod refactoring;
mod term;
mod terraform;
pub mod workflow;

pub use terraform::root;
pub(crate) use terraform::{BESIDE_THE_BODY, argument, block};

#[cfg(test)]
pub(crate) use json::{canonical, value};
pub(crate) use json::{compact, document, sorted};
