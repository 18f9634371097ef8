//! The instructions for a failed execution in the place of those for one that timed out.

use infra_core::model::watch::{Failed, MachineWatch, Throttled};

const WATCH: MachineWatch = MachineWatch {
    failed: Failed("Redrive it."),
    timed_out: Failed("Redrive it later."),
    throttled: Throttled("Start fewer."),
};

fn main() {}
