//! `infra-gen review`: recorded pairs of trees with their expected findings, and the command.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod command;
mod files;
mod loosened;
mod mutations;
mod pairs;
mod patch;
mod schema;
mod strangers;
mod today;
