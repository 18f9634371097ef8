//! A variable whose name has a slip in it.

use contracts::{functions::OrderStorageEnv, order::OrderAccepted};
use function_contract::kind::Queue;
use infra_core::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    orders: &Handle<Queue<OrderAccepted>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queeu: orders.access(), ..rest }
}

fn main() {}
