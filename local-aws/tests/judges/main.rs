//! What is generated, judged by what others know of AWS.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod api_models;
mod authorization;
mod findings;
mod generated;
mod iam;
mod interpreter;
mod operators;
mod roles;
