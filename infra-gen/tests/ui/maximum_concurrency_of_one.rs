//! A queue that keeps fewer instances busy than Lambda can limit it to.

use infra_core::model::limits::MaximumConcurrency;

const INSTANCES: MaximumConcurrency = MaximumConcurrency::new(1);

fn main() {}
