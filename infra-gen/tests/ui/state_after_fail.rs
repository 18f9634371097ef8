//! A state behind one that ends the execution badly.

use contracts::order::{OrderGivenUp, OrderStored};
use infra_gen::model::flow::{Ended, Flow, fail};

fn wrong(announce: Flow<OrderStored, Ended>) -> Flow<OrderGivenUp, Ended> {
    fail("GiveUp", &OrderGivenUp::at().error, &OrderGivenUp::at().cause).then(announce)
}

fn main() {}
