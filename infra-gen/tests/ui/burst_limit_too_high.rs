//! An API that takes more requests at once than API Gateway does.

use infra_core::model::limits::BurstLimit;

const BURST: BurstLimit = BurstLimit::new(5_001);

fn main() {}
