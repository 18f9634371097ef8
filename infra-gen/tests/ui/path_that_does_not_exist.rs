//! A path to a field that the payload does not have.

use contracts::order::OrderSubmitted;
use infra_core::model::flow::{Cond, Test};

fn wrong() -> Cond<OrderSubmitted> {
    OrderSubmitted::at().quantitty.at_least(10)
}

fn main() {}
