//! A queue is not a table.

use contracts::functions::FulfillOrderEnv;
use runtime::{port::DynamoDb, table::table};

fn open(aws: &impl DynamoDb, env: &FulfillOrderEnv) {
    table(aws, &env.queue);
}

fn main() {}
