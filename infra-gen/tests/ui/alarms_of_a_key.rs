//! Ready-made alarms of something that has none.

use infra_core::model::{
    Handle, Module,
    key::{DynamoDb, Key},
    topic::AlarmTopic,
};

fn wrong(module: &mut Module<'_>, key: &Handle<Key<DynamoDb>>, topic: &Handle<AlarmTopic>) {
    module.watch(key, topic);
}

fn main() {}
