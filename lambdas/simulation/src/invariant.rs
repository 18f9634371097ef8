//! The invariants: I1 to I6 of the design, that metrics are facts (I7), that an order is written no more often into one
//! partition of the index than the generator counts on (I8), that a client is shown the truth (I9), and that everything ends
//! in time (I10).

mod change;
mod end;

pub(crate) use end::end;

use contracts::{domain::OrderStatus, order::OrderRecord};
use runtime::item::{Attribute, Attributes};

use crate::{
    clause::{Clause, Violation},
    world::World,
};

/// Checks the changes of the last step.
pub(crate) fn step(world: &mut World) -> Result<(), Violation> {
    if world.dynamodb.dirty.is_empty() {
        return Ok(());
    }
    for key in std::mem::take(&mut world.dynamodb.dirty) {
        let failed = world.dynamodb.get("failed_orders", &key).is_some();
        let Some(item) = world.dynamodb.get("orders", &key) else {
            if let Some(before) = world.watch.orders.get(&key) {
                let what = format!("the record of {} is gone", before.order_id);
                return Err(Violation::new(Clause::RecordKept, what));
            }
            // A message without an existing order has its own record.
            if failed && !key.starts_with("message-") {
                let what = format!("failed_orders knows {key}, which is not an order");
                return Err(Violation::new(Clause::FailureIsOfAnOrder, what));
            }
            continue;
        };
        let order: OrderRecord = runtime::item::parse(as_written(item))
            .map_err(|err| format!("the record of {key}: {err}"))
            .map_err(|what| Violation::new(Clause::RecordWhole, what))?;
        if (order.status == OrderStatus::Failed) != failed {
            let what = format!(
                "{key} is {:?}, and {} record of failure",
                order.status,
                if failed { "has a" } else { "has no" }
            );
            return Err(Violation::new(Clause::FailureIsRecorded, what));
        }
        if world.watch.orders.get(&key) != Some(&order) {
            change::changed(world, &key, &order)?;
            world.changed(&key, order);
        }
    }
    Ok(())
}

/// Returns the record without the attributes of another version.
fn as_written(item: &Attributes) -> Attributes {
    let mut item = item.clone();
    item.remove("attribute_of_another_version");
    if let Some(Attribute::Text(status)) = item.get_mut("validation_status")
        && status == "OF_ANOTHER_VERSION"
    {
        "VALID".clone_into(status);
    }
    item
}
