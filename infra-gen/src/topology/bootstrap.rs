//! What exists once for each account and region, whatever environments run there.

use std::collections::BTreeMap;

use super::PREFIX;
use crate::{
    config::{Environment, Region},
    model::{ModuleName, Scope, Stack, stack::Finished},
    resource,
};

const ACCOUNT: ModuleName = ModuleName::new("account");

/// The account's own root. It may be applied to the account of any environment.
pub fn bootstrap() -> Finished {
    let mut accounts: Vec<_> = Environment::ALL.map(|it| it.config().account).into();
    accounts.sort();
    accounts.dedup();
    let tags = [("Application", PREFIX), ("ManagedBy", "terraform")];
    let mut stack = Stack::new(Scope {
        accounts,
        region: Region::ApSouth1,
        prefix: PREFIX.to_owned(),
        tags: BTreeMap::from(tags.map(|(key, it)| (key.to_owned(), it.to_owned()))),
    });
    stack.module(ACCOUNT).api_gateway_account(resource!(
        /// Lets API Gateway write logs. There is one such setting for each account and region, so
        /// environments that share an account would fight over it.
        "api_gateway_logs"
    ));
    stack.finish()
}
