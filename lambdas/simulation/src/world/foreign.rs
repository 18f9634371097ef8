//! The id of an accepted order has another order's record, for example after an operator restored a table.

use contracts::{domain::OrderStatus, order::OrderRecord};
use runtime::{
    item::attributes,
    moment::Moment,
    port::{PutItem, Write},
};
use serde_json::{Value, json};

use super::World;
use crate::watch::{Foreign, Version};

impl World {
    /// Stores another order under an execution's name, if there is no record: at most once in a run. It differs in its
    /// time, as every other order does, and in its customer or its product.
    pub(crate) fn store_another(&mut self, name: &str) {
        let is_taken = self.dynamodb.get("orders", name).is_some();
        if !self.plan.foreign || is_taken || !self.watch.foreign.is_empty() {
            return;
        }
        let Some(running) = self.sfn.executions.get(name) else { return };
        let order: Value = serde_json::from_str(&running.input).unwrap_or_default();
        let at = Moment::from_millis(self.now - 1).timestamp();
        let mut record = json!({
            "order_id": name, "customer_id": order["customerId"], "product_id": order["productId"],
            "quantity": 1, "price": 1, "total_amount": 1, "status": "PROCESSING", "created_at": at,
            "updated_at": at, "validation_status": "VALID", "round": 0,
        });
        match self.chance.bool() {
            true => record["customer_id"] = json!("CUST-0000"),
            false => record["product_id"] = json!("PROD-0000"),
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
