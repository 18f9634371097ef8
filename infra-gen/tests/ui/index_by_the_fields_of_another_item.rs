//! An index over fields of an item that the table does not hold.

use function_contract::time::Timestamp;
use contracts::{ order::{FailedOrder, OrderRecord}};
use function_contract::{item::TableIndex, path::Expr};

enum ByReason {}

impl TableIndex for ByReason {
    type Item = OrderRecord;
    type Hash = String;
    type Range = Timestamp;
    const WRITES: u32 = 2;

    fn hash() -> Expr<OrderRecord, String> {
        FailedOrder::at().failure_reason
    }

    fn range() -> Expr<OrderRecord, Timestamp> {
        OrderRecord::at().updated_at
    }
}

fn main() {}
