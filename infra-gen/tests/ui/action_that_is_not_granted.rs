//! Fewer rights than the function uses: it puts as well.

use contracts::{
    functions::OrderStorageEnv,
    kind::{GetItem, Table},
    order::OrderRecord,
};
use infra_gen::model::{Handle, Wired};

fn wrong(
    rest: OrderStorageEnv<Wired>,
    orders: &Handle<Table<OrderRecord>>,
) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { orders: orders.access::<GetItem>(), ..rest }
}

fn main() {}
