//! An account's id with a digit too few.

use infra_gen::config::AccountId;

const ACCOUNT: AccountId = AccountId::new("11111111111");

fn main() {}
