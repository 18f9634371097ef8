//! The program as an operator runs it: real processes, their output and their exit codes.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod changed;
mod minutes;
mod readme;
mod support;
mod trouble;
