//! A handler that reads a parameter which the route does not have, as after the parameter was renamed.

use contracts::{api::ReadOrder, domain::OrderId};

fn wrong(route: &ReadOrder) -> &OrderId {
    &route.id
}

fn main() {}
