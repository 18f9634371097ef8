//! What is generated, held against what must be true of it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod broken;
mod invariants;
mod kit;
mod policy;
mod readme;
mod rights;
mod root;
mod traps;
