//! A variable that the function does not read.

use contracts::{functions::ValidatorEnv, order::OrderRecord};
use function_contract::kind::Table;
use infra_core::model::{Handle, Wired};

fn wrong(rest: ValidatorEnv<Wired>, orders: &Handle<Table<OrderRecord>>) -> ValidatorEnv<Wired> {
    ValidatorEnv { orders: orders.access(), ..rest }
}

fn main() {}
