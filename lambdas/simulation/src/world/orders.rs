//! Keeps the status of orders in the watch.

use contracts::reason::{DEADLINE_PASSED, FULFILLMENT_FAILED};
use contracts::{domain::OrderStatus, metric::OrderMetric, order::OrderRecord};

use super::{Event, World};
use crate::watch::Version;

impl World {
    /// Notes a new status of an order.
    pub(crate) fn changed(&mut self, key: &str, order: OrderRecord) {
        let before = self.watch.orders.get(key).map(|it| it.status);
        if order.status != OrderStatus::Processing && before != Some(OrderStatus::Failed) {
            self.watch.last_decided = self.now;
        }
        match (order.status, order.failure_reason.as_deref()) {
            (OrderStatus::Fulfilled, _) => {
                self.watch.happened(OrderMetric::OrdersFulfilled, &order.order_id);
            }
            (OrderStatus::Failed, Some(FULFILLMENT_FAILED)) => {
                self.watch.happened(OrderMetric::OrdersFailed, &order.order_id);
            }
            (OrderStatus::Failed, Some(DEADLINE_PASSED)) => {
                self.watch.happened(OrderMetric::OrdersFailed, &order.order_id);
                self.watch.happened(OrderMetric::OrdersStuck, &order.order_id);
            }
            (OrderStatus::Rejected, _) if self.plan.weeks => {
                let after = self.chance.u64(..2 * 86_400_000);
                let expires =
                    serde_json::to_value(order.expires_at).ok().and_then(|it| it.as_u64());
                let expires = expires.unwrap_or_default() * 1_000;
                let after = (expires + after).saturating_sub(self.now);
                self.at(after, Event::Expire(key.to_owned()));
            }
            _ => {}
        }
        let record = Some((order.status, order.updated_at.clone()));
        let version = Version { from: self.now, record };
        self.watch.versions.entry(key.to_owned()).or_default().push(version);
        self.watch.orders.insert(key.to_owned(), order);
    }

    /// DynamoDB deletes the record of a rejected order.
    pub(crate) fn expire(&mut self, key: &str) {
        self.dynamodb.expire(key);
        self.watch.orders.remove(key);
        self.watch.expired.insert(key.to_owned());
        self.say(|| format!("the record of {key} has expired"));
    }
}
