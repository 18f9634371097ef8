//! The vocabulary of contracts between AWS Lambda functions and the infrastructure that they run on.
//!
//! A contract says what a function takes, returns and raises, and which environment variables it reads. The generator of
//! the infrastructure and the functions share it, so that a wrong type, a missing variable or a missing permission does not
//! compile. This crate knows nothing about Terraform, opens no connection and reads no file. Its only input from outside is
//! the process environment, in [`env::EnvContract`].
//!
//! - [`contract!`]: a function's contract. Start here.
//! - [`payload!`], [`item!`], [`either!`]: the JSON of calls and messages, the items of a table, and one of two payloads.
//! - [`data`]: the JSON Schema of all of them, by which versions of a system are compared.
//! - [`env_contract!`], [`setting`]: environment variables, with the rights on the resources that they name.
//! - [`functions!`]: the list of a system's functions.
//! - [`error_names!`]: the errors that a function raises on purpose.
//! - [`kind`]: queues, tables, functions and state machines, and the actions on them.
//! - [`path`]: paths to the fields of a payload, for the expressions of a state machine.
//! - [`api!`], [`answers!`]: the routes of an HTTP API, and the answers of each. [`http`]: its error format.
//! - [`event`]: what AWS services pass to a function.
//! - [`text!`], [`time`]: text of a fixed format, and times.
//! - [`read`], [`written`]: parse the body of a request, and report every problem.
//! - [`kept`]: text of any length, cut so that it fits into an item. [`size`]: what fits where.

extern crate self as function_contract;

pub mod api;
mod contract;
pub mod data;
pub mod either;
pub mod env;
pub mod error;
pub mod event;
pub mod functions;
pub mod http;
pub mod item;
pub mod kept;
pub mod kind;
pub mod metric;
pub mod path;
mod payload;
pub mod read;
pub mod setting;
pub mod size;
pub mod text;
pub mod time;
pub mod written;

pub use contract::Contract;

/// Not part of the public interface: the macros of this crate expand to paths in this module.
#[doc(hidden)]
pub mod __private {
    pub use crate::payload::{camel_case, camel_case_length, doc_lines};
    pub use schemars;
    pub use serde;
    pub use serde_json;
}
