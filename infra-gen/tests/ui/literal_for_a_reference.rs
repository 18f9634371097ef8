//! A text instead of a reference.

use infra_core::model::Stack;

fn wrong(stack: &mut Stack) {
    stack.output("alarm_topic", "The alarm topic.", "arn:aws:sns:eu-west-1:111111111111:alarms");
}

fn main() {}
