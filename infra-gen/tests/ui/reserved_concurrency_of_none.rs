//! A function that could never run.

use infra_gen::model::limits::ReservedConcurrency;

const INSTANCES: ReservedConcurrency = ReservedConcurrency::new(0);

fn main() {}
