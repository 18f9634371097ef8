//! The Lambda binary.

use std::process::ExitCode;

use contracts::functions;
use fulfill_order::FulfillOrder;

fn main() -> ExitCode {
    runtime::start::main::<functions::FulfillOrder, _>(|env| *env.log_level, FulfillOrder::new)
}
