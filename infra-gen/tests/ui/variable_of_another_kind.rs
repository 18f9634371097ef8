//! A table in the variable of a queue.

use contracts::{functions::OrderStorageEnv, kind::Table, order::OrderRecord};
use infra_gen::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    orders: &Handle<Table<OrderRecord>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { queue: orders.access(), ..rest }
}

fn main() {}
