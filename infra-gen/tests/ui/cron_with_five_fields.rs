//! A cron expression as Unix writes it, without the year.

use infra_core::model::limits::Schedule;

const NIGHTLY: Schedule = Schedule::cron("0 3 * * ?");

fn main() {}
