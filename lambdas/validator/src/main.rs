//! The Lambda binary.

use std::process::ExitCode;

use contracts::functions;
use validator::Validator;

fn main() -> ExitCode {
    runtime::start::main::<functions::Validator, _>(|env| *env.log_level, Validator::new)
}
