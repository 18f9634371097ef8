//! A route that reads what another state put out: an error leaves nothing but the input.

use contracts::order::{OrderGivenUp, OrderGivenUpAt, OrderStored, OrderSubmitted};
use infra_core::model::flow::{Ended, Flow, Route, leave};

fn wrong(
    given_up: OrderGivenUpAt<OrderStored>,
    record: &Flow<OrderGivenUp, Ended>,
) -> Route<OrderSubmitted, OrderStored> {
    leave(given_up, record)
}

fn main() {}
