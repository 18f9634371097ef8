//! Surprising behaviour of AWS: each test checks that the generated files take it into account.

mod alarms;
mod api;
mod firewall;
mod limits;
mod logs;
mod policies;
mod queues;
mod tables;

use infra_gen::config::Environment;

use crate::root::Root;

fn everywhere(check: impl Fn(Environment, Root)) {
    Environment::ALL.into_iter().for_each(|it| check(it, Root::of(it)));
}
