//! The generator: typed Rust in, Terraform JSON, Amazon States Language and build specs out.
//!
//! Dependencies point one way: `config` and `model` below, then `topology`, then `render` and
//! `check`, then the command line; `review` reads what `render` wrote. Only [`tree`], [`terraform`], [`cargo`]
//! and [`review::source`] touch the world outside.

// What this crate's macros expand to names it by its own name.
extern crate self as infra_gen;

pub mod baseline;
pub mod cargo;
pub mod check;
pub mod cli;
pub mod config;
pub mod cost;
pub mod explain;
pub mod generate;
pub mod graph;
pub mod ledger;
pub mod model;
pub mod overview;
mod parallel;
pub mod render;
pub mod review;
pub mod run;
pub mod schema_refresh;
mod shell;
pub mod terminal;
pub mod terraform;
pub mod topology;
pub mod tree;
pub mod violation;
pub mod wiring;
