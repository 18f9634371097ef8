//! An environment for customers in the account of the developers.

use infra_gen::config::{Config, Environment, relations};

const DEV: &Config = Environment::Dev.config();
const PROD: Config = Config { account: DEV.account, ..*Environment::Prod.config() };
const _: () = relations::may_share(&PROD, DEV.account);

fn main() {}
