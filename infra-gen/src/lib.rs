//! The infrastructure of DOFS: its topology and configuration, and the command `infra-gen` that writes the generated files.
//!
//! The engine is in `crates/`: `infra-core` has the model, the renderers and the checks, `infra-review` compares two trees
//! of generated files. This crate says what DOFS consists of.
//!
//! - [`topology`]: the resources. Start here. [`config`]: what differs between environments.
//! - [`roots`]: the list of roots that are generated.
//! - [`cli`], [`run`]: the command line. [`schema_refresh`]: updates the vendored schemas of the provider.

pub mod cli;
pub mod config;
pub mod roots;
pub mod run;
pub mod schema_refresh;
pub mod topology;

// A test compiles the topology with another macro of this name, which renames a queue.
pub(crate) use infra_core::resource;
