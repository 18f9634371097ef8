//! The generated files, judged by independent sources of knowledge about AWS.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod api_models;
mod authorization;
mod findings;
mod generated;
mod iam;
mod interpreter;
mod openapi;
mod operators;
mod roles;
