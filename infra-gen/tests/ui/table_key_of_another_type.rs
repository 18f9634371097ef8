//! A table whose partition key is a field of another type.

use contracts::domain::OrderId;
use function_contract::{item::Item, path::Expr};

function_contract::item! {
    pub struct Parcel, at ParcelAt {
        order_id: OrderId,
        weight: u32,
    }
}

impl Item for Parcel {
    type Key = OrderId;

    fn key() -> Expr<Self, OrderId> {
        Parcel::at().weight
    }
}

fn main() {}
