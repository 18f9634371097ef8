//! A route that answers as another one.

use contracts::api::{OrderPlaced, ReadOrder};
use function_contract::api::{Reply, Route};

fn wrong(route: &ReadOrder) -> Reply {
    route.reply(OrderPlaced::KeyTaken)
}

fn main() {}
