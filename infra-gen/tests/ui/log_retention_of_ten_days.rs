//! A log kept for a number of days that CloudWatch does not offer.

use infra_core::model::limits::LogRetention;

const KEPT: LogRetention = LogRetention::days(10);

fn main() {}
