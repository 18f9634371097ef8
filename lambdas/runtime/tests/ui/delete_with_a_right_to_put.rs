//! `reconcile_orders` may write records of failures, but not delete them.

use contracts::functions::ReconcileOrdersEnv;
use runtime::{
    port::{DynamoDb, Write},
    table::table,
};

fn forget(aws: &impl DynamoDb, env: &ReconcileOrdersEnv, order_id: &String) -> Write {
    table(aws, &env.failed_orders).deleting(order_id)
}

fn main() {}
