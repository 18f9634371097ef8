//! The operator's command: DOFS on this machine, and wherever it runs.
//!
//! - [`cli`]: what can be asked. Start here.
//! - [`system`]: where DOFS runs, and how to call it.
//! - [`api`]: its HTTP API, as a customer sees it.
//! - [`local`]: all of it on this machine.
//! - [`page`]: a page to look at.

pub mod api;
pub mod cli;
pub mod local;
pub mod names;
pub mod page;
pub mod system;
