//! The alarms on the order machine.

use super::Watched;
use infra_core::model::{
    Handle, Module,
    alarm::AlarmSpec,
    limits::{EvaluationPeriods, Period},
    topic::AlarmTopic,
    unit::Count,
    watch::{Failed, MachineWatch, Throttled, TimedOut},
};

use crate::resource;

/// A period in which every order that waits for its record tries to write it at least once, whenever the period begins.
const PASS: Period = Period::seconds(600);
const TWO: EvaluationPeriods = EvaluationPeriods::new(2);

const INSTRUCTIONS: MachineWatch = MachineWatch {
    failed: Failed(
        "An execution failed: an order could not be stored. The execution's name is the order's id. If it ended in \
         OrderFailed, the order is FAILED and its record has the reason. This is the usual end after an outage. Run \
         `dofs redrive --order ID --dry-run`: redrive the dead letter if there is one, otherwise place the order again. If \
         it ended in OrderConflict, the record of another order has this id, for example after a restore of the table: \
         place the order again. If it ended in another state, run `dofs resume --order ID --dry-run`, which prints \
         whether a redrive helps.",
    ),
    timed_out: TimedOut(
        "An execution took longer than a day, usually because it could not write to DynamoDB how its order ended. Its \
         name is the order's id; its history names the error. Correct the cause, wait until DynamoDB accepts writes, \
         and run `dofs resume` within 14 days: it lists the orders without a record, and redrives their executions. \
         reconcile_orders closes an order that has a record and is undecided.",
    ),
    throttled: Throttled(
        "Orders wait between two states, because the executions of the account enter more states than its quota \
         allows. Nothing is lost. In an outage of DynamoDB (see orders_unrecorded), the orders that wait for their \
         record use up the quota. If it lasts for another reason, lower the API's rate, or request a higher quota \
         StateTransition of Step Functions.",
    ),
};

pub(super) fn machine_alarms(module: &mut Module<'_>, on: &Watched, topic: &Handle<AlarmTopic>) {
    module.watch_as("executions", &on.machine, INSTRUCTIONS, topic);
    // Orders wait in the machine if DynamoDB refuses their record. A function that fails has an alarm of its own.
    let calls = module.failed_calls(&on.machine);
    module.alarm(
        resource!(
            /// For twenty minutes, calls of DynamoDB by state machines of this account failed. Orders that could not be stored
            /// have failed already, and rejected ones are rejected: their executions wait in RecordFailureLater or
            /// RecordRejectionLater, for a day at most, to record that. The history of such an execution names the error.
            /// If DynamoDB has an outage, wait for its end: docs/outage.md. Restore a permission, a key or a table that is missing.
            "orders_unrecorded"
        ),
        AlarmSpec::lasting(calls, Count(0), topic).in_all(TWO, PASS),
    );
}
