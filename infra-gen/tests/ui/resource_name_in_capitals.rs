//! A resource with a name that is not in lower case.

use infra_gen::{model::Id, resource};

fn wrong() -> Id {
    resource!(
        /// Takes the orders.
        "Orders"
    )
}

fn main() {}
