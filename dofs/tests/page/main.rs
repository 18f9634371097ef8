//! The page in a real browser, with an emulated AWS.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod browser;
mod changes;
mod form;
mod live;
mod look;
mod shown;
mod strangers;
