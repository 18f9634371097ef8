//! The command `dofs`: it runs DOFS on this machine, and operates it on AWS.
//!
//! - [`cli`]: the commands and their options. Start here.
//! - [`site`]: chooses the system that a command uses. [`system`]: a system, and its clients.
//! - [`api`]: a client of the HTTP API.
//! - [`tables`], [`execution`]: read the records of orders, and their executions.
//! - [`local`]: runs the whole system on this machine.
//! - [`bootstrap`]: prepares an AWS account.
//! - [`verify`], [`deploy`]: compare the deployed resources with the generated files, and apply a plan.
//! - [`doctor`]: checks this machine and the AWS account.
//! - [`root`], [`plan`]: a Terraform root that is ready to run, and a plan of its changes.
//! - [`order`]: places an order, and follows it.
//! - [`status`], [`orders`]: print one order, and list orders.
//! - [`burst`]: places many orders on a schedule.
//! - [`load`], [`statistics`]: place many random orders, and report their results.
//! - [`redrive`]: moves dead letters back to the order queue.
//! - [`resume`]: redrives the failed executions of orders that have no record.
//! - [`page`]: serves a web page that shows a system.

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
