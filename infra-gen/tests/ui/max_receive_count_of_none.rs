//! A dead-letter queue for messages that were never received.

use infra_core::model::limits::MaxReceiveCount;

const RECEIVES: MaxReceiveCount = MaxReceiveCount::new(0);

fn main() {}
