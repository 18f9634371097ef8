//! The program as an operator runs it: real processes, their output and their exit codes.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod changed;
mod kept;
mod minutes;
mod readme;
mod renamed;
mod support;
mod trouble;
mod watched;

// This compiles the topology a second time, with a macro `resource!` that renames the order queue as in `docs/renaming.md`. Paths
// such as `crate::model` resolve to the library.
#[path = "../../../infra-gen/src"]
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    reason = "it is read as it stands, and only some of it is called"
)]
mod elsewhere {
    pub(crate) mod topology;
}
use infra_gen::config;
use renamed::resource;
