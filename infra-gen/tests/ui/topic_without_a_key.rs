//! A topic for alarms without a key of ours: with AWS's, alarms would be dropped silently.

use infra_core::model::{Handle, Id, Module, key::Encryption, topic::AlarmTopic};
use infra_gen::config::Email;

fn wrong(module: &mut Module<'_>, id: Id, mails: &[Email]) -> Handle<AlarmTopic> {
    module.alarm_topic(id, Encryption::Aws, mails)
}

fn main() {}
