//! An index belongs to one table.

use function_contract::time::Timestamp;
use contracts::{ order::{FailedOrder, OrderRecord}};
use function_contract::{env::Access, item::TableIndex, kind::{QueryIndex, Table}, path::Expr};
use runtime::{port::DynamoDb, table::table};

enum ByReason {}

impl TableIndex for ByReason {
    type Item = FailedOrder;
    type Hash = String;
    type Range = Timestamp;
    const WRITES: u32 = 2;

    fn hash() -> Expr<FailedOrder, String> {
        FailedOrder::at().failure_reason
    }

    fn range() -> Expr<FailedOrder, Timestamp> {
        FailedOrder::at().failed_timestamp
    }
}

async fn late(
    aws: &impl DynamoDb,
    orders: &Access<Table<OrderRecord>, QueryIndex<ByReason>>,
    reason: &String,
    before: &Timestamp,
) {
    let orders = table(aws, orders);
    let _page = orders.query_below::<ByReason, _>(reason, before, None, 25).await;
}

fn main() {}
