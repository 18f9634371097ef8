//! A variable whose name has a slip in it.

use contracts::{functions::OrderStorageEnv, kind::Queue, order::OrderAccepted};
use infra_gen::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    orders: &Handle<Queue<OrderAccepted>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queeu: orders.access(), ..rest }
}

fn main() {}
