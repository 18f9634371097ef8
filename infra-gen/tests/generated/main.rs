//! Checks the generated files.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod baseline;
mod both;
mod broken;
mod cells;
mod contracts;
mod cost;
mod delivery;
mod delivery_rights;
mod explain;
mod graph;
mod handed_on;
mod invariants;
mod kit;
mod ledger;
mod models;
mod names;
mod needed;
mod policy;
mod provider;
mod quiet;
mod readme;
mod references;
mod rendered;
mod rights;
mod root;
mod snapshot;
mod traps;
mod workflow;

// The topology of DOFS is compiled a second time, in another crate and under another name, because the generated files
// must not depend on the place of the source. `crate::model` and similar paths lead to the library.
#[path = "../../src"]
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    missing_docs,
    reason = "it is read as it stands, and only some of it is called"
)]
mod moved {
    pub(crate) mod topology;
}
use infra_core::resource;
use infra_gen::config;
