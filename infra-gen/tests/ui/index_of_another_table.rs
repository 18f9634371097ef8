//! The index of one table queried in another.

use contracts::{
    kind::{QueryIndex, Table},
    order::{ByStatus, FailedOrder},
};
use infra_gen::model::{Grant, Handle};

fn wrong(failed_orders: &Handle<Table<FailedOrder>>) -> Grant {
    failed_orders.grant::<QueryIndex<ByStatus>>()
}

fn main() {}
