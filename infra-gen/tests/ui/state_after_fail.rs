//! A state behind one that ends the execution badly.

use contracts::order::OrderGivenUp;
use infra_core::model::flow::{Ended, Flow, fail, succeed};

fn wrong() -> Flow<OrderGivenUp, Ended> {
    fail("GiveUp", &OrderGivenUp::at().error, &OrderGivenUp::at().error).then(succeed("Done"))
}

fn main() {}
