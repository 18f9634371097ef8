//! The real binary, under Lambda's runtime API and beside an emulator of AWS.

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
