//! A state behind one that ends the execution well.

use contracts::order::OrderStored;
use infra_core::model::{
    flow::{Ended, Flow, succeed, wait},
    limits::WaitSeconds,
};

fn wrong(seconds: WaitSeconds) -> Flow<OrderStored, Ended> {
    succeed("Done").then(wait("Rest", seconds))
}

fn main() {}
