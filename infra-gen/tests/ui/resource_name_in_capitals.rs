//! A resource with a name that is not in lower case.

use infra_core::{model::Id, resource};

fn wrong() -> Id {
    resource!(
        /// Takes the orders.
        "Orders"
    )
}

fn main() {}
