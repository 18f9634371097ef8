//! The typed model of AWS and Terraform: it takes typed values, and makes blocks of them.
//!
//! Only adding a resource to a [`Stack`] creates a [`Handle`]. Only a handle gives out references ([`Ref`]) and rights,
//! and only this module makes the bodies of blocks. So wrong wiring in the topology does not compile.
//!
//! This module knows nothing of DOFS, and does no IO.

mod actions;
mod address;
pub mod alarm;
mod attribute;
pub mod backend;
pub mod bucket;
mod cell;
pub mod dashboard;
pub mod data;
pub mod delivery;
mod escape;
mod every;
pub mod expr;
pub mod fields;
pub mod firewall;
pub mod flow;
pub mod function;
pub mod iam;
pub mod import;
pub mod integration;
pub mod key;
pub mod limits;
mod logs;
pub mod machine;
mod mentions;
pub mod metric;
pub mod name;
mod nodes;
pub mod place;
pub mod policy;
pub mod queue;
pub mod quotas;
pub mod refactor;
pub mod rest_api;
mod role;
pub mod schema;
pub mod service_linked;
pub mod signal;
pub mod stack;
mod statement;
pub mod table;
pub mod topic;
pub mod trigger;
pub mod unit;
pub mod upload;
pub mod watch;

pub use escape::escape;
pub use every::Any;
pub use expr::{Address, Arn, BlockKind, Body, Ref, Url};
pub use iam::{Action, Grant, Wire, Wired};
pub use name::{Id, ModuleName, StateName};
pub use place::Scope;
pub use stack::{Handle, Kind, Module, Stack};
pub use statement::WITHOUT_RESOURCES;
