//! A key that may ask for nothing.

use infra_gen::model::limits::DailyQuota;

const QUOTA: DailyQuota = DailyQuota::new(0);

fn main() {}
