//! From an empty account to a pipeline that deploys: the account's first root, and the steps of the
//! pipeline as their build specs say, against the emulator.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::print_stdout, reason = "a test tells how long its steps took")]

mod bootstrap;
mod codebuild;
mod credentials;
mod killed;
mod pipeline;
#[path = "../process/stranger.rs"]
#[allow(dead_code, reason = "only some of it is called here")]
mod stranger;
mod support;
