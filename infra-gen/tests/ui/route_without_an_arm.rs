//! A handler that leaves out a route.

use contracts::api::{OrderApi, OrderRead};
use function_contract::api::{Reply, Route};

fn wrong(route: OrderApi) -> Reply {
    match route {
        OrderApi::ReadOrder(route) => route.reply(OrderRead::NotSeen),
    }
}

fn main() {}
