//! The Lambda binary.

use std::process::ExitCode;

use api_handler::ApiHandler;
use contracts::functions;

fn main() -> ExitCode {
    runtime::start::main::<functions::ApiHandler, _>(|env| *env.log_level, ApiHandler::new)
}
