//! What each Lambda function of DOFS promises to the outside: its payloads, its environment, its
//! errors.
//!
//! This is the one crate that both the generator and the functions depend on, so neither can be
//! wrong about the other. It knows nothing about Terraform, opens no connection and reads no file.
//! The only thing it takes from the outside is the process environment, in [`env::EnvContract`].
//!
//! - [`functions`]: the five functions, each with its contract. Start here.
//! - [`order`]: the payloads and records of an order on its way; [`ordered`]: what two of them have in
//!   common.
//! - [`api`]: what the HTTP API takes and answers.
//! - [`domain`], [`money`], [`written`]: order ids, states, amounts, and what a customer may write.
//! - [`read`]: from a request's body to a payload, with every problem named.
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

/// What a Lambda binary takes, answers, needs and may raise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the contract of a Lambda function",
    note = "the contracts are in `lambdas/contracts/src/functions.rs`"
)]
pub trait Contract: 'static {
    /// The cargo binary, and so the zip that Terraform uploads.
    const BIN: &'static str;
    /// What the function is for, from its doc comment.
    const DOC: &'static str;
    /// What the function is called with.
    type Input;
    /// What it answers.
    type Output;
    /// The errors it raises on purpose. Each needs a route wherever the function is a state.
    type Error: ErrorNames;
    /// Its environment variables.
    type Env: EnvContract;
}

/// Not part of the interface: what the macros of this crate expand to.
#[doc(hidden)]
pub mod __private {
    pub use crate::payload::{camel_case, camel_case_length, doc_lines};
    pub use schemars;
    pub use serde;
    pub use serde_json;
}
