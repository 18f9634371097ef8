//! A function that is handed no messages at once.

use infra_core::model::limits::BatchSize;

const BATCH: BatchSize = BatchSize::new(0);

fn main() {}
