//! The contracts of the Lambda functions of DOFS: their payloads, environment variables and errors.
//!
//! Both the generator and the functions depend on this crate, so the infrastructure and the code always agree. It knows
//! nothing about Terraform, opens no connection and reads no file. Its only input from outside is the process
//! environment, in [`env::EnvContract`].
//!
//! - [`functions`]: the five functions, each with its contract. Start here.
//! - [`order`]: the payloads and records of an order. [`ordered`]: the part of them that identifies a repeated request.
//! - [`api`]: request and response bodies of the HTTP API.
//! - [`domain`], [`money`], [`written`]: order ids, states, amounts, and what a customer may write.
//! - [`read`]: parses the body of a request, and reports every problem.
//! - [`kind`], [`mod@env`], [`path`], [`mod@item`], [`mod@either`], [`error`]: the vocabulary that contracts are
//!   written in.

extern crate self as contracts;

pub mod api;
pub mod domain;
pub mod either;
pub mod env;
pub mod error;
pub mod event;
pub mod functions;
pub mod item;
pub mod kept;
pub mod kind;
mod metadata;
pub mod metric;
pub mod money;
pub mod order;
pub mod ordered;
pub mod path;
mod payload;
pub mod read;
pub mod reason;
pub mod setting;
pub mod written;

use env::EnvContract;
use error::ErrorNames;

/// The contract of a Lambda function: its input, output, environment and errors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the contract of a Lambda function",
    note = "the contracts are in `lambdas/contracts/src/functions.rs`"
)]
pub trait Contract: 'static {
    /// The name of the cargo binary, and of the zip file that Terraform uploads.
    const BIN: &'static str;
    /// The function's purpose, from its doc comment.
    const DOC: &'static str;
    /// The function's input.
    type Input;
    /// The function's output.
    type Output;
    /// The errors that the function raises on purpose. A state that calls the function needs a route for each of them.
    type Error: ErrorNames;
    /// Its environment variables.
    type Env: EnvContract;
}

/// Not part of the public interface: the macros of this crate expand to paths in this module.
#[doc(hidden)]
pub mod __private {
    pub use crate::payload::{camel_case, camel_case_length, doc_lines};
    pub use schemars;
    pub use serde;
    pub use serde_json;
}
