//! A rule that is set aside by its name, which may be no rule's.

use infra_gen::model::{Address, Stack};

fn wrong(stack: &mut Stack, on: &Address) {
    stack.suppress("policy/queue-tls", &[on], "It is a test.");
}

fn main() {}
