//! The policies that DOFS does not keep, each with the reason.

use super::monitoring::Watched;
use infra_core::model::{
    Address, Stack,
    policy::{Posture, Rule},
};

use crate::config::Config;

/// Sets the policies aside. The posture `Development` has fewer policies, and a suppression that suppresses nothing is
/// refused.
pub(super) fn accept(stack: &mut Stack, config: &Config, on: &Watched) {
    stack.suppress(
        Rule::DeadLetterAlarm,
        &[on.stores.queues.dead_letters.address()],
        "Orders fail by design, and each leaves a dead letter, so an alarm on the first one would never \
         be over. messages_unreadable, deliveries_faulted and orders_stuck fire on what faults leave.",
    );
    if config.environment.posture() == Posture::Development {
        return;
    }
    let functions = stack.functions();
    let functions: Vec<&Address> = functions.iter().map(|it| it.address()).collect();
    stack.suppress(
        Rule::FunctionDeadLetters,
        &functions,
        "Failures are handled elsewhere: the queue has dead letters, the machine catches errors, the \
         caller of the API gets an error, and the next scheduled run does the work of a failed one.",
    );
    stack.suppress(
        Rule::FunctionInVpc,
        &functions,
        "They call only public endpoints of AWS, over TLS and with permissions on single resources. A \
         VPC would add gateways that cost money and can fail, and has nothing that they need to reach.",
    );
    stack.suppress(
        Rule::FunctionCodeSigning,
        &functions,
        "The hash of each zip is in the plan that was reviewed and applied, and a zip is the same \
         wherever it is built, so a signature would add nothing.",
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
        "The status of an order changes within a second, so a cached response would be wrong.",
    );
    stack.suppress(
        Rule::ApiClientCertificate,
        &[on.api.stage_address()],
        "The certificate proves the API to HTTP backends. This one leads to functions, by IAM.",
    );
}
