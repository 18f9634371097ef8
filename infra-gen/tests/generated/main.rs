//! What is generated, held against what must be true of it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod broken;
mod delivery;
mod delivery_rights;
mod explain;
mod graph;
mod invariants;
mod kit;
mod ledger;
mod policy;
mod readme;
mod rights;
mod root;
mod traps;
