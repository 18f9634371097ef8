//! The wall: typed values in, blocks out. Nothing behind it can be forged.
//!
//! A [`Handle`] exists only for what a [`Stack`] holds; a [`Ref`] comes only from a handle; a right
//! comes only from a handle; a body is made only here. So the topology can wire things wrongly in
//! no way that compiles.
//!
//! Nothing here knows about DOFS, and nothing here does IO.

mod actions;
mod address;
pub mod alarm;
mod attribute;
pub mod backend;
pub mod bucket;
mod cell;
pub mod dashboard;
pub mod delivery;
mod escape;
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
pub mod stack;
mod statement;
pub mod table;
pub mod topic;
pub mod trigger;
pub mod upload;

pub use escape::escape;
pub use expr::{Address, Arn, BlockKind, Body, Ref, Url};
pub use iam::{Action, Grant, Wire, Wired};
pub use name::{Id, ModuleName, StateName};
pub use place::Scope;
pub use stack::{Handle, Kind, Module, Stack};
pub(crate) use statement::WITHOUT_RESOURCES;
