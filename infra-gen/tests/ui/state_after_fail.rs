//! A state behind one that ends the execution badly.

use contracts::order::OrderGivenUp;
use infra_core::model::flow::{Ended, Flow, fail, succeed};

fn wrong() -> Flow<OrderGivenUp, Ended> {
    fail::<OrderGivenUp>("GiveUp", "It is over.").then(succeed("Done"))
}

fn main() {}
