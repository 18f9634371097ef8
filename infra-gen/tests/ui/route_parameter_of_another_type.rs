//! A request for an order by the id of a customer.

use contracts::{api::ReadOrder, domain::CustomerId};

fn wrong(id: CustomerId) -> ReadOrder {
    ReadOrder { order_id: id }
}

fn main() {}
