//! The policies that DOFS does not keep, each with the reason.

use super::monitoring::Watched;
use infra_core::model::{
    Stack,
    policy::{Posture, Rule},
};

use crate::config::Config;

/// Sets the policies aside. The posture `Development` has fewer policies, and a suppression that suppresses nothing is
/// refused.
pub(super) fn accept(stack: &mut Stack, config: &Config, on: &Watched) {
    stack.suppress(
        Rule::DeadLetterAlarm,
        &[on.queues.dead_letters.address()],
        "Orders fail by design, and each leaves a dead letter, so an alarm on the first one would never \
         be over. messages_unreadable, deliveries_faulted and orders_stuck fire on what faults leave.",
    );
    if config.posture == Posture::Development {
        return;
    }
    let functions = [
        on.api_handler.address(),
        on.workers.validator.address(),
        on.workers.order_storage.address(),
        on.workers.fulfill_order.address(),
        on.workers.reconcile_orders.address(),
    ];
    stack.suppress(
        Rule::FunctionDeadLetters,
        &functions,
        "What goes wrong is kept elsewhere: the queue has dead letters, the machine catches, the \
         caller of the API is told, and the next tick does the work of a lost one.",
    );
    stack.suppress(
        Rule::FunctionInVpc,
        &functions,
        "They call AWS's public endpoints alone, over TLS and by rights on single resources. A \
         network of our own would add gateways that cost and fail, and nothing to reach in it.",
    );
    stack.suppress(
        Rule::FunctionCodeSigning,
        &functions,
        "The hash of each zip stands in the plan that was read and applied, and zips are the same \
         wherever they are built; a signature would say less.",
    );
    stack.suppress(
        Rule::MachineExecutionData,
        &[on.machine.address()],
        "Inputs and outputs hold what customers wrote; the log has every state without them, and \
         the execution itself has them for 90 days.",
    );
    stack.suppress(
        Rule::ApiCache,
        &[on.api.stage_address(), on.api.settings_address()],
        "Where an order stands changes within a second; a cached answer would be a wrong one.",
    );
    stack.suppress(
        Rule::ApiClientCertificate,
        &[on.api.stage_address()],
        "The certificate proves the API to HTTP backends. This one leads to functions, by IAM.",
    );
}
