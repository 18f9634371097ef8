//! Text asked whether it is at least some other text.

use contracts::order::OrderSubmitted;
use infra_core::model::flow::{Cond, Test};

fn wrong() -> Cond<OrderSubmitted> {
    OrderSubmitted::at().customer_id.at_least("CUST-5000".to_owned())
}

fn main() {}
