//! An alarm with a period that CloudWatch does not offer.

use infra_core::model::limits::Period;

const PERIOD: Period = Period::seconds(90);

fn main() {}
