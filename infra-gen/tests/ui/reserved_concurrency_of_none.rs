//! A function that could never run.

use infra_core::model::limits::ReservedConcurrency;

const INSTANCES: ReservedConcurrency = ReservedConcurrency::new(0);

fn main() {}
