//! Runs the real binary with Lambda's runtime API and an emulator of AWS.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod asks;
mod find;
mod garbage;
mod refuse;
mod request;
mod take;
mod trace;
mod unavailable;
mod warm;
