//! The alarms on the order machine.

use super::Watched;
use infra_core::model::{
    Handle, Module,
    alarm::AlarmSpec,
    integration::Integration,
    limits::{EvaluationPeriods, Period},
    topic::AlarmTopic,
    unit::Count,
    watch::MachineWatch,
};

use crate::resource;

/// A period in which every order that waits for its record tries to write it at least once, whenever the period begins.
const ROUND: Period = Period::seconds(600);
const TWO: EvaluationPeriods = EvaluationPeriods::new(2);

const INSTRUCTIONS: MachineWatch = MachineWatch {
    failed: "An execution failed: an order could not be stored. Open the failed execution: its name is the order's id, its \
             error is the reason. If it ended in OrderFailed, the order's record has the same reason: place the order again, \
             because usually no message of it was sent. If it ended in OrderConflict, another order's record has its id, for \
             example after a restore of the table: place the order again. If it ended in another state, run `dofs resume`.",
    timed_out: "An execution took longer than a day, usually because it could not write to DynamoDB how its order ended. Its \
                name is the order's id; its history names the error. Correct its cause, then run `dofs resume`: it lists the \
                orders without a record, and redrives their executions, for 14 days. An order with a record is closed by \
                reconcile_orders.",
    throttled: "Orders wait between two states, because the executions of the account enter more states than its quota \
                allows. Nothing is lost. In an outage of DynamoDB (see orders_unrecorded), attempts and rounds of the orders \
                that wait use it up. If it lasts for another reason, lower the API's rate, or request a higher quota \
                StateTransition of Step Functions.",
};

pub(super) fn machine_alarms(module: &mut Module<'_>, on: &Watched, topic: &Handle<AlarmTopic>) {
    module.watch_as("executions", &on.machine, INSTRUCTIONS, topic);
    // Orders wait in the machine if DynamoDB refuses their record. A function that fails has an alarm of its own.
    let calls = module.failed_calls(&[
        Integration::DynamoDbGetItem,
        Integration::DynamoDbPutItem,
        Integration::DynamoDbTransactWriteItems,
    ]);
    module.alarm(
        resource!(
            /// For twenty minutes, state machines of this account could not read from DynamoDB or write to it. Orders that failed or
            /// were rejected wait in RecordFailureLater or RecordRejectionLater of the order machine, for a day at most, and have no
            /// record until then. An execution that waits there names the error in its history: an outage
            /// passes; a missing permission, key or table must be restored.
            "orders_unrecorded"
        ),
        AlarmSpec::lasting(calls, Count(0), topic).in_all(TWO, ROUND),
    );
}
