//! A function without one of the variables that it reads.

use contracts::{functions::OrderStorageEnv, order::OrderRecord};
use function_contract::{kind::Table, setting::LogLevel};
use infra_core::model::{Handle, Wire, Wired};

fn wrong(orders: &Handle<Table<OrderRecord>>) -> OrderStorageEnv<Wired> {
    OrderStorageEnv { orders: orders.access(), log_level: Wire::setting(LogLevel::Info) }
}

fn main() {}
