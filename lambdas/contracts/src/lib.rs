//! The contracts of the Lambda functions of DOFS: their payloads, environment variables and errors.
//!
//! Both the generator and the functions depend on this crate, so the infrastructure and the code always agree. It knows
//! nothing about Terraform, opens no connection and reads no file. The vocabulary that contracts are written in is the crate
//! `function-contract`.
//!
//! - [`functions`]: the functions, each with its contract. Start here.
//! - [`order`]: the payloads and records of an order. [`ordered`]: the part of them that identifies a repeated request.
//! - [`api`]: the routes of the HTTP API, with their requests and answers. [`idempotency`]: the header that makes a request repeatable.
//! - [`domain`], [`money`], [`reason`]: order ids, states and amounts, and why an order failed.
//! - [`metric`]: what the functions count.

pub mod api;
pub mod domain;
pub mod functions;
pub mod idempotency;
mod metadata;
pub mod metric;
pub mod money;
pub mod order;
pub mod ordered;
pub mod reason;
