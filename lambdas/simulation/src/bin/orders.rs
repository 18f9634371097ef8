//! The program of `cargo xtask bench orders`: it times plain orders on every core, and then once more with a clock for
//! each code.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "xtask reads it")]

use std::process::ExitCode;

use serde_json::json;
use simulation::{facts::Facts, orders::pace, spent::Code};

/// The share of the runs that warm up, and of those whose times are measured by code: one of so many.
const WARM_UP: u64 = 10;
const SHARES: u64 = 2;

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_default();
    let Some(runs) = argument.parse().ok().filter(|it| *it > 0) else {
        eprintln!("error: `{argument}` is not a number of runs\n  fix: cargo xtask bench orders");
        return ExitCode::FAILURE;
    };
    match measured(runs) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(err) => {
            eprintln!("error: {err}");
            ExitCode::FAILURE
        }
    }
}

fn measured(runs: u64) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let facts = Facts::of_dev()?;
    pace(&facts, runs.div_ceil(WARM_UP), false)?;
    let timed = pace(&facts, runs, false)?;
    // In a separate run, because reading the clocks takes time, too.
    let shares = pace(&facts, runs.div_ceil(SHARES), true)?;
    let orders = shares.orders as f64;
    let each = Code::ALL.map(|it| (it.name(), shares.spent.of(it).as_secs_f64() / orders));
    Ok(json!({ "orders": timed.orders, "seconds": timed.seconds, "each": each }))
}
