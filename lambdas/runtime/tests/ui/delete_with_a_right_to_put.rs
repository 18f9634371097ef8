//! The reconciler may write down why an order failed, and take nothing away.

use contracts::functions::ReconcileOrdersEnv;
use runtime::{
    port::{DynamoDb, Write},
    table::table,
};

fn forget(aws: &impl DynamoDb, env: &ReconcileOrdersEnv, order_id: &String) -> Write {
    table(aws, &env.failed_orders).deleting(order_id)
}

fn main() {}
