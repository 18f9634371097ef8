//! The generator: it takes the typed topology, and writes Terraform JSON, Amazon States Language and build specs.
//!
//! Dependencies point one way: `config` and `model` are at the bottom, then come `topology`, `render` and `check`, and
//! the command line. `review` reads the files that `render` wrote. Only [`tree`], [`terraform`], [`cargo`] and
//! [`review::source`] do IO.

// The macros of this crate expand to paths that begin with the crate's name.
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
