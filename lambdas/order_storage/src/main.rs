//! The Lambda binary.

use std::process::ExitCode;

use contracts::functions;
use order_storage::OrderStorage;

fn main() -> ExitCode {
    runtime::start::main::<functions::OrderStorage, _>(|env| *env.log_level, OrderStorage::new)
}
