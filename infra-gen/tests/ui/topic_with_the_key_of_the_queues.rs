//! The alarms' topic is given a key that alarms may not use: they would be dropped, silently.

use infra_core::{model::{
        Handle, Module,
        key::{Key, Sqs},
    }, resource};

fn wrong(module: &mut Module<'_>, queues: &Handle<Key<Sqs>>) {
    module.alarm_topic(resource!(/** Alarms. */ "alarms"), queues, &[]);
}

fn main() {}
