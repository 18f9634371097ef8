//! Log groups, encrypted with a key that lets CloudWatch Logs do nothing.

use infra_core::model::{
    Handle, Stack,
    key::{Key, Sqs},
};

fn wrong(stack: &mut Stack, key: &Handle<Key<Sqs>>) {
    stack.encrypt_logs(key);
}

fn main() {}
