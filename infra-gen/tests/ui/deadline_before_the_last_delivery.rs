//! A deadline that is over while the queue still delivers: prod has five receives of 180 seconds.

use function_contract::setting::Minutes;
use infra_gen::config::{Config, Environment, relations};

const DEADLINE: Minutes = Minutes::new(14);
const PROD: Config = Config { processing_deadline: DEADLINE, ..*Environment::Prod.config() };
const _: () = relations::check(&PROD);

fn main() {}
