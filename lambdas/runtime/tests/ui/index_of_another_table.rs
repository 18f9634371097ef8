//! An index belongs to one table.

use contracts::{
    env::Access,
    item::TableIndex,
    kind::{QueryIndex, Table},
    order::{FailedOrder, OrderRecord},
};
use runtime::{port::DynamoDb, table::table};

enum ByReason {}

impl TableIndex for ByReason {
    type Item = FailedOrder;
    const NAME: &'static str = "failure_reason-failed_timestamp";
}

async fn late(aws: &impl DynamoDb, orders: &Access<Table<OrderRecord>, QueryIndex<ByReason>>) {
    let orders = table(aws, orders);
    let _page = orders.query_below::<ByReason, _>(&"OutOfStock", &"2026", None, 25).await;
}

fn main() {}
