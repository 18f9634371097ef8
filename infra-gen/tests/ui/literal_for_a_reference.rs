//! Text where a reference is due.

use infra_gen::model::Stack;

fn wrong(stack: &mut Stack) {
    stack.output("alarm_topic", "Where alarms go.", "arn:aws:sns:eu-west-1:111111111111:alarms");
}

fn main() {}
