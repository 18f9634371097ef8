//! A function that may run for longer than Lambda lets it.

use infra_core::model::limits::FunctionTimeout;

const TIMEOUT: FunctionTimeout = FunctionTimeout::new(901);

fn main() {}
