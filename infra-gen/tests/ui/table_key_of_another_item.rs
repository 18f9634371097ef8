//! A table whose partition key is a field of another item.

use contracts::{domain::OrderId, order::OrderRecord};
use function_contract::{item::Item, path::Expr};

function_contract::item! {
    pub struct Parcel, at ParcelAt {
        order_id: OrderId,
    }
}

impl Item for Parcel {
    type Key = OrderId;

    fn key() -> Expr<Self, OrderId> {
        OrderRecord::at().order_id
    }
}

fn main() {}
