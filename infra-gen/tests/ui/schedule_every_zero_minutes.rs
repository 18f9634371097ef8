//! A schedule that never pauses.

use infra_core::model::limits::Schedule;

const OFTEN: Schedule = Schedule::every_minutes(0);

fn main() {}
