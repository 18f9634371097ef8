//! The code of the guide `docs/adding.md`, as a crate. One test compares the guide with this code, and another checks
//! the resulting topology.
//!
//! In DOFS, each part goes into an existing file. Here, each part is a module.

pub mod contract;
pub mod handler;
pub mod topology;
