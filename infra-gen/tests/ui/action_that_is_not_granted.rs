//! Fewer rights than the function uses: it puts as well.

use contracts::{functions::OrderStorageEnv, order::OrderRecord};
use function_contract::kind::{GetItem, Table};
use infra_core::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    orders: &Handle<Table<OrderRecord>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { orders: orders.access::<GetItem>(), ..rest }
}

fn main() {}
