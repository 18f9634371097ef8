//! A table in the variable of a queue.

use contracts::{functions::OrderStorageEnv, order::OrderRecord};
use function_contract::kind::Table;
use infra_core::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    orders: &Handle<Table<OrderRecord>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queue: orders.access(), ..rest }
}

fn main() {}
