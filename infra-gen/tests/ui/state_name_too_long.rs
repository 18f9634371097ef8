//! A state with a name that is longer than Step Functions takes.

use infra_core::model::StateName;

const NAME: StateName = StateName::new(
    "Validate the order, store it in the table, put it on the queue, and tell the customer",
);

fn main() {}
