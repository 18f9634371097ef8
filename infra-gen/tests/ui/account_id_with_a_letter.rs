//! An account's id with the letter O for a zero.

use infra_gen::config::AccountId;

const ACCOUNT: AccountId = AccountId::new("11111111111O");

fn main() {}
