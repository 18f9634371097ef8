//! An API that takes orders faster than they are fulfilled: two batches of ten at once.

use infra_core::model::limits::RateLimit;
use infra_gen::config::{Config, Environment, relations};

const RATE: RateLimit = RateLimit::new(21);
const DEV: Config = Config { rate: RATE, ..*Environment::Dev.config() };
const _: () = relations::check(&DEV);

fn main() {}
