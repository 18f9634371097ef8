//! A number compared with text.

use contracts::order::OrderSubmitted;
use infra_core::model::flow::{Cond, Test};

fn wrong() -> Cond<OrderSubmitted> {
    OrderSubmitted::at().quantity.is("10")
}

fn main() {}
