//! Items that expire by a time which DynamoDB cannot read.

use function_contract::time::{EpochSeconds, Timestamp};
use contracts::domain::OrderId;
use function_contract::{item::Item, path::Expr};

function_contract::item! {
    pub struct Parcel, at ParcelAt {
        order_id: OrderId,
        lost_at: Option<Timestamp>,
    }
}

impl Item for Parcel {
    type Key = OrderId;

    fn key() -> Expr<Self, OrderId> {
        Parcel::at().order_id
    }

    fn time_to_live() -> Option<Expr<Self, Option<EpochSeconds>>> {
        Some(Parcel::at().lost_at)
    }
}

fn main() {}
