//! The whole system on this machine: the committed `generated/dev`, unchanged, with the real Terraform
//! and provider, the functions as processes, and an emulated AWS. One system for all scenarios; it
//! ends with this program.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod alarms;
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
