//! Text asked whether it is at least some other text.

use contracts::order::OrderGivenUp;
use infra_core::model::flow::{Cond, Test};

fn wrong() -> Cond<OrderGivenUp> {
    OrderGivenUp::at().error.at_least("OrderInvalid".to_owned())
}

fn main() {}
