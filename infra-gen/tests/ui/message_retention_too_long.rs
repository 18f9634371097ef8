//! A message kept for longer than SQS keeps one.

use infra_core::model::limits::MessageRetention;

const KEPT: MessageRetention = MessageRetention::new(15 * 86_400);

fn main() {}
