//! A message hidden for longer than SQS hides one.

use infra_core::model::limits::VisibilityTimeout;

const HIDDEN: VisibilityTimeout = VisibilityTimeout::new(43_201);

fn main() {}
