//! A variable that the function does not read.

use contracts::{functions::ValidatorEnv, kind::Table, order::OrderRecord};
use infra_gen::model::{Handle, Wired};

fn wrong(rest: ValidatorEnv<Wired>, orders: &Handle<Table<OrderRecord>>) -> ValidatorEnv<Wired> {
    ValidatorEnv { orders: orders.access(), ..rest }
}

fn main() {}
