//! A topic for alarms without a key of ours: with AWS's, alarms would be dropped silently.

use infra_gen::{
    config::Email,
    model::{Handle, Id, Module, key::Encryption, topic::AlarmTopic},
};

fn wrong(module: &mut Module<'_>, id: Id, mails: &[Email]) -> Handle<AlarmTopic> {
    module.alarm_topic(id, Encryption::Aws, mails)
}

fn main() {}
