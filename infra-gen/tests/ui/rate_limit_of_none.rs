//! An API that takes no requests.

use infra_core::model::limits::RateLimit;

const RATE: RateLimit = RateLimit::new(0);

fn main() {}
