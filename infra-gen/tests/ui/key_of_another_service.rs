//! A queue is encrypted with the key of the tables, which queues may not use.

use infra_core::model::{
    Handle,
    key::{DynamoDb, Encryption, Key, Sqs},
};

fn wrong(tables: &Handle<Key<DynamoDb>>) {
    let _: Encryption<'_, Sqs> = Encryption::Customer(tables);
}

fn main() {}
