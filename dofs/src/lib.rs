//! The operator's command: DOFS on this machine, and wherever it runs.
//!
//! - [`cli`]: what can be asked. Start here.
//! - [`site`]: where a command goes. [`system`]: a system, and how to call it.
//! - [`api`]: its HTTP API, as a customer sees it.
//! - [`tables`], [`execution`]: what its records and its machine say.
//! - [`local`]: all of it on this machine.
//! - [`bootstrap`]: the first thing in an account.
//! - [`verify`], [`deploy`]: what is deployed against what is generated; exactly the plan that was shown.
//! - [`doctor`]: what this machine and the account lack.
//! - [`root`], [`plan`]: a Terraform root, ready to run; what Terraform would change.
//! - [`order`]: places an order, and follows it.
//! - [`status`], [`orders`]: what is known about one order, and which orders there are.
//! - [`burst`]: places many, on a schedule.
//! - [`load`], [`statistics`]: places many random ones, and says what became of them.
//! - [`redrive`]: dead letters back to the order queue.
//! - [`resume`]: orders that the machine gave up on: their executions are redriven.
//! - [`page`]: a page to look at.

pub mod api;
mod ask;
mod aws;
pub mod bootstrap;
pub mod burst;
mod child;
pub mod cli;
pub mod deploy;
pub mod doctor;
pub mod execution;
mod generated;
mod hold;
mod http;
pub mod interrupt;
pub mod load;
pub mod local;
pub mod order;
pub mod orders;
pub mod page;
mod place;
pub mod plan;
mod progress;
mod quotas;
pub mod redrive;
pub mod resume;
pub mod root;
pub mod site;
pub mod statistics;
pub mod status;
pub mod system;
pub mod tables;
pub mod target;
mod tell;
pub mod verify;
