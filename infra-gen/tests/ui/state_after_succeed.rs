//! A state behind one that ends the execution well.

use contracts::order::{OrderAccepted, OrderStored};
use infra_gen::model::flow::{Ended, Flow, succeed};

fn wrong(announce: Flow<OrderAccepted, Ended>) -> Flow<OrderStored, Ended> {
    succeed("Done").then(announce)
}

fn main() {}
