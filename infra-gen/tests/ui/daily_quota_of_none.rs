//! A key that may ask for nothing.

use infra_core::model::limits::DailyQuota;

const QUOTA: DailyQuota = DailyQuota::new(0);

fn main() {}
