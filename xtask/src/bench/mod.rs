//! Measures the product beside what a user would pick instead: `cargo xtask bench`.
//!
//! Each part measures one thing and gives a [`report::Part`]. What it replaces in `bench/results.json` is
//! that part alone; the page and its charts are then drawn anew from the whole file.

#![allow(dead_code, reason = "the parts come next")]

mod measure;
mod report;
