//! A rule that is suppressed by a name, which may not exist.

use infra_core::model::{Address, Stack};

fn wrong(stack: &mut Stack, on: &Address) {
    stack.suppress("policy/queue-tls", &[on], "It is a test.");
}

fn main() {}
