//! The index of one table queried in another.

use contracts::order::{ByStatus, FailedOrder};
use function_contract::kind::{QueryIndex, Table};
use infra_core::model::{Grant, Handle};

fn wrong(failed_orders: &Handle<Table<FailedOrder>>) -> Grant {
    failed_orders.grant::<QueryIndex<ByStatus>>()
}

fn main() {}
