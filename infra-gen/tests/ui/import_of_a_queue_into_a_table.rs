//! The id of a queue where that of a table is due.

use contracts::order::OrderRecord;
use function_contract::kind::Table;
use infra_core::model::{Handle, Stack, import::ImportId};
use infra_gen::config::{AccountId, Region};

const ACCOUNT: AccountId = AccountId::new("111122223333");

fn wrong(stack: &mut Stack, table: &Handle<Table<OrderRecord>>) {
    stack.import(table, ImportId::queue(Region::EuWest1, ACCOUNT, "orders"));
}

fn main() {}
