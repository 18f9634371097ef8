//! A cron expression that names a day of the month and a day of the week.

use infra_core::model::limits::Schedule;

const NIGHTLY: Schedule = Schedule::cron("0 3 1 * MON *");

fn main() {}
