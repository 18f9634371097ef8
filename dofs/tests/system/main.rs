//! The whole system on this machine: the unchanged `generated/dev`, with the real Terraform and provider, the functions as
//! processes, and an emulated AWS. All scenarios share one system, which ends with this program.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod alarms;
mod contract;
mod http;
mod idempotence;
mod orders;
mod play;
mod queue;
mod reconcile;
mod rights;
mod support;
mod trouble;
mod wires;
