//! From an empty account to a deploying pipeline, against the emulator: the root of the account, and the build specs of the
//! pipeline.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::print_stdout, reason = "a test prints how long its steps took")]

mod bootstrap;
mod codebuild;
mod credentials;
mod killed;
mod pipeline;
#[path = "../../../local-aws/tests/support/rights.rs"]
#[allow(dead_code, reason = "only some of it is called here")]
mod rights;
mod roles;
#[path = "../process/stranger.rs"]
#[allow(dead_code, reason = "only some of it is called here")]
mod stranger;
mod support;
