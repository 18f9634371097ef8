//! A resource without a doc comment that says why it is there.

use infra_core::{model::Id, resource};

fn wrong() -> Id {
    resource!("orders")
}

fn main() {}
