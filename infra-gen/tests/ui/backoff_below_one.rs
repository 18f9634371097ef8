//! A retrier that waits less from attempt to attempt.

use infra_core::model::limits::BackoffRate;

const RATE: BackoffRate = BackoffRate::hundredths(50);

fn main() {}
