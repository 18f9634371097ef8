//! The id of an accepted order has another order's record, for example after an operator restored a table.

use std::time::Duration;

use contracts::{domain::OrderStatus, order::OrderRecord};
use function_contract::time::Timestamp;
use runtime::{
    item::attributes,
    moment::Moment,
    port::{PutItem, Write},
};
use serde_json::{Value, json};

use super::World;
use crate::watch::{Foreign, Version};

/// More pieces than a customer of the simulation orders.
const MORE: u32 = 101;

impl World {
    /// Stores another order under an execution's name, if there is no record: at most once in a run. It has another
    /// quantity, and differs in one of the attributes by which the machine recognizes a record: the customer, the product
    /// or the time.
    pub(crate) fn store_another(&mut self, name: &str) {
        let is_taken = self.dynamodb.get("orders", name).is_some();
        if !self.plan.foreign || is_taken || !self.watch.foreign.is_empty() {
            return;
        }
        let Some(running) = self.sfn.executions.get(name) else { return };
        let order: Value = serde_json::from_str(&running.input).unwrap_or_default();
        let Ok(placed) = serde_json::from_value::<Timestamp>(order["submittedAt"].clone()) else {
            return;
        };
        let at = Moment::from_millis(self.now - 1).timestamp();
        let mut record = json!({
            "order_id": name, "customer_id": order["customerId"], "product_id": order["productId"],
            "quantity": MORE, "price": 1, "total_amount": MORE, "status": "PROCESSING", "created_at": placed,
            "updated_at": at, "validation_status": "VALID", "round": 0,
        });
        match self.chance.u32(..3) {
            0 => record["customer_id"] = json!("CUST-0000"),
            1 => record["product_id"] = json!("PROD-0000"),
            _ => {
                let Some(placed) = Moment::parse(&placed) else { return };
                let before = placed.before(Duration::from_millis(1));
                record["created_at"] = json!(before.timestamp());
            }
        }
        let item = attributes(&record);
        let Ok(of) = runtime::item::parse::<OrderRecord>(item.clone()) else { return };
        self.watch.foreign.insert(name.to_owned(), Foreign { record: of, stands: true });
        self.faults.struck += 1;
        self.say(|| format!("another order is stored as {name}"));
        let put = PutItem { table: "orders".to_owned(), item, condition: None };
        if self.dynamodb.write(&[Write::Put(put)]).is_ok() {
            self.index_soon();
        }
    }

    /// Deletes such a record, one time of so many, while it is undecided: an operator has noticed it.
    pub(crate) fn take_away(&mut self, name: &str, of: u32) {
        let is_open = self.watch.orders.get(name).map(|it| it.status);
        let is_open = is_open == Some(OrderStatus::Processing);
        let Some(foreign) = self.watch.foreign.get_mut(name).filter(|it| it.stands) else { return };
        if !is_open || self.chance.u32(..of) > 0 {
            return;
        }
        foreign.stands = false;
        self.watch.orders.remove(name);
        let version = Version { from: self.now, record: None };
        self.watch.versions.entry(name.to_owned()).or_default().push(version);
        self.dynamodb.take_away(name);
        self.index_soon();
        self.say(|| format!("the other order is deleted as {name}"));
    }
}
