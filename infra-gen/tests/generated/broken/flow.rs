//! State machines.

use contracts::order::OrderSubmitted;
use infra_core::model::{
    flow::{self, Test as _},
    limits::{StateTimeout, WaitSeconds},
};

use super::check;
use crate::kit::*;

#[test]
fn a_state_that_gives_up_before_its_function() {
    check("limit/state-timeout", "module.a.aws_lambda_function.validator", |stack| {
        let mut module = stack.module(A);
        let flow = validating(&mut module, LONG);
        machine(&mut module, flow, HOUR);
    });
}

#[test]
fn a_machine_that_ends_before_its_attempts_do() {
    const MINUTE: StateTimeout = StateTimeout::new(30);
    check("asl/timeout-chain", "module.a.aws_sfn_state_machine.machine", |stack| {
        let mut module = stack.module(A);
        let flow = validating(&mut module, SHORT);
        machine(&mut module, flow, MINUTE);
    });
}

#[test]
fn two_states_of_one_name() {
    const SOON: WaitSeconds = WaitSeconds::new(1);
    const LATER: WaitSeconds = WaitSeconds::new(2);
    check("asl/duplicate-state", "module.a.aws_sfn_state_machine.machine", |stack| {
        let mut module = stack.module(A);
        let one = vec![(OrderSubmitted::at().quantity.is(1), flow::wait("Again", SOON))];
        let flow =
            flow::choice("One?", one, flow::wait("Again", LATER)).then(flow::succeed("Done"));
        machine(&mut module, flow, HOUR);
    });
}

#[test]
fn a_state_name_that_is_too_long() {
    check("asl/state-name", "module.a.aws_sfn_state_machine.machine", |stack| {
        const NAME: &str =
            "Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long";
        machine(&mut stack.module(A), flow::succeed(NAME), HOUR);
    });
}
