//! A resource with a dash in its name, which is for names in AWS.

use infra_core::{model::Id, resource};

fn wrong() -> Id {
    resource!(
        /// Takes the orders.
        "order-queue"
    )
}

fn main() {}
