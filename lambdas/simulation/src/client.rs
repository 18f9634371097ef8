//! Customers: they place orders, repeat a request if the answer is lost, and read the status of their orders.

use contracts::{
    api::{PlaceOrder, ReadOrder},
    domain::OrderId,
    order::OrderRecord,
};
use function_contract::api::Route as _;
use serde_json::{Value, json};

use crate::{
    branch::Branch,
    clause::{Clause, Violation},
    customer::{Act, Customer},
    watch::Version,
    world::{Event, World},
};

/// How often a customer tries.
const ATTEMPTS: u32 = 20;

/// Milliseconds after which API Gateway gives up on a function.
const LONGEST: u64 = 29_000;

/// The attributes by which the state machine recognizes the record of an order. Two orders may have all but one of them in
/// common: for example, both may be placed in the same millisecond.
const IDENTITY: [&str; 3] = ["customerId", "productId", "createdAt"];

impl World {
    /// A customer comes, and will place an order.
    pub(crate) fn arrive(&mut self, number: u32, seed: u64) {
        let mut order = json!({
            "customerId": format!("CUST-{:04}", 1_000 + number),
            "productId": "PROD-1234",
            "quantity": self.chance.u32(1..=100),
            "price": f64::from(self.chance.u32(1..=1_000_000)) / 100.0,
            "metadata": if self.chance.bool() { json!({ "gift": "yes" }) } else { Value::Null },
        });
        let invalid = self.plan.invalid;
        if self.odds(invalid) {
            order["quantity"] = json!(0);
            // With as many digits as the API takes.
            let digits = self.chance.u64(1_000_000..1_000_000_000_000_000);
            order["price"] = json!(digits as f64 / 1e15);
        }
        // Now and then two customers have the same key. It counts for each of them alone.
        let shared = self.chance.bool();
        let key = (self.chance.u32(..3) > 0).then(|| match shared {
            true => format!("key-{seed}"),
            false => format!("key-{seed}-{number}"),
        });
        let (customer, within) = (self.customers.len(), self.plan.within);
        let at = self.chance.u64(..=within);
        self.at(at, Event::Customer { customer, act: Act::Place });
        if key.is_some() && self.chance.u32(..4) == 0 {
            // A double click: the same request again, immediately.
            self.at(at + 3, Event::Customer { customer, act: Act::Place });
        }
        self.customers.push(Customer { key, order, accepted: None, attempts: 0 });
    }

    /// Returns the event that API Gateway creates from the request.
    pub(crate) fn request(&mut self, customer: usize, act: &Act) -> Value {
        let customer = &mut self.customers[customer];
        let mut order = customer.order.clone();
        let (mut of, mut id) = ((PlaceOrder::METHOD, PlaceOrder::PATH), None);
        match act {
            Act::Place => (),
            Act::Differ => order["productId"] = json!("PROD-9999"),
            Act::Look(order) => {
                of = (ReadOrder::METHOD, ReadOrder::PATH);
                id = Some(json!({ "orderId": order }));
            }
        }
        let (method, resource) = (of.0.as_str(), of.1.to_string());
        customer.attempts += 1;
        let headers = customer.key.as_ref().map(|key| json!({ "Idempotency-Key": key }));
        json!({
            "httpMethod": method,
            "resource": resource,
            "path": resource,
            "pathParameters": id,
            "headers": headers,
            "body": order.to_string(),
            "isBase64Encoded": false,
            "requestContext": { "requestId": "r" },
        })
    }

    /// Handles the answer as the customer does. Without an answer of the function, API Gateway has answered 502.
    pub(crate) fn answered(
        &mut self,
        number: usize,
        act: &Act,
        began: u64,
        answer: Option<&Value>,
    ) -> Result<(), Violation> {
        let status = answer.and_then(|it| it["statusCode"].as_u64()).unwrap_or(502);
        self.say(|| format!("customer {number}: {act:?}: {status}"));
        let body = answer.and_then(|it| it["body"].as_str()).unwrap_or_default().to_owned();
        self.watch.reached.came_to(match act {
            Act::Place | Act::Differ => {
                Branch::of_post(status, &body, self.customers[number].accepted.is_some())
            }
            Act::Look(_) => Branch::of_get(status, &body, is_said_to_return(answer)),
        });
        match (act, status) {
            (Act::Place, 202) => {
                let location = answer.and_then(|it| it["headers"]["Location"].as_str());
                self.accepted(number, &body, location.unwrap_or_default())
            }
            (Act::Place, 500..) => {
                let customer = &self.customers[number];
                if customer.key.is_some() && customer.attempts < ATTEMPTS {
                    let after = self.chance.u64(500..10_000);
                    let act = Act::Place;
                    self.at(after, Event::Customer { customer: number, act });
                }
                Ok(())
            }
            (Act::Look(id), 200) => {
                self.current(id, began, &body)?;
                self.shown(number, id, &body)
            }
            (Act::Place | Act::Look(_), 404 | 409) if self.is_expired(number) => Ok(()),
            // The id has another order's record.
            (Act::Place, 409) if self.is_anothers(number) => Ok(()),
            (Act::Differ, 409) | (_, 500..) => Ok(()),
            // The order is not visible yet, so the customer asks again.
            (Act::Look(id), 404) if is_said_to_return(answer) && !self.is_long_seen(id) => {
                let act = Act::Look(id.clone());
                self.at(2_000, Event::Customer { customer: number, act });
                Ok(())
            }
            (Act::Look(id), _) => Err(Violation::new(
                Clause::CanBeRead,
                format!("{id} was accepted, and reading it says {status}"),
            )),
            (Act::Place | Act::Differ, _) => Err(Violation::new(
                Clause::KeyTakesOneOrder,
                format!("{act:?} was answered {status}: {body}"),
            )),
        }
    }

    /// Whether an order's execution was visible everywhere before any request that is answered now began.
    fn is_long_seen(&self, id: &OrderId) -> bool {
        let seen_from = self.sfn.executions.get(id.as_str()).map(|it| it.seen_from);
        seen_from.is_none_or(|it| it + LONGEST < self.now)
    }

    /// Whether the record of this customer's order has expired.
    fn is_expired(&self, number: usize) -> bool {
        let order = self.customers[number].accepted.as_ref();
        order.is_some_and(|it| self.watch.expired.contains(it.as_str()))
    }

    /// Checks that the customer reads a status that the order had after the request began, and not an earlier one.
    fn current(&mut self, id: &OrderId, began: u64, body: &str) -> Result<(), Violation> {
        let view: Value = serde_json::from_str(body).unwrap_or_default();
        let none = Vec::new();
        let versions = self.watch.versions.get(id.as_str()).unwrap_or(&none);
        let before = versions.iter().rposition(|it| it.from <= began);
        let since = before.unwrap_or_default();
        let had_record = before.is_some() && versions[since..].iter().all(|it| it.record.is_some());
        let matches = |it: &Version| {
            it.record.as_ref().is_some_and(|(status, updated_at)| {
                let status = serde_json::to_value(status).unwrap_or_default();
                status == view["status"] && view["updatedAt"] == updated_at.as_str()
            })
        };
        let failed_before = self.watch.shown_failed.get(id.as_str()).is_some_and(|it| *it <= began);
        let of_execution = !had_record
            && match view["status"].as_str() {
                Some("ACCEPTED") => true,
                Some("FAILED") => {
                    self.sfn.executions.get(id.as_str()).is_some_and(|it| it.failed_once)
                }
                _ => false,
            };
        let shown = format!("{} of {}", view["status"], view["updatedAt"]);
        if !versions[since..].iter().any(matches) && !of_execution {
            let what = format!("{id} is shown as {shown}: it was {:?}", &versions[since..]);
            return Err(Violation::new(Clause::ShownAsItStands, what));
        }
        // After an execution was shown as failed, it must not be shown as undecided.
        if view["status"] == "ACCEPTED" && failed_before {
            let what = format!("{id} is shown as {shown}, and was shown as FAILED before");
            return Err(Violation::new(Clause::ShownInOrder, what));
        }
        if view["status"] == "FAILED" && !had_record {
            self.watch.shown_failed.entry(id.to_string()).or_insert(self.now);
        }
        Ok(())
    }

    /// Whether the id of this customer's order has, or had, another order's record.
    fn is_anothers(&self, number: usize) -> bool {
        let customer = &self.customers[number].order["customerId"];
        self.watch.foreign.keys().any(|id| {
            let input = self.sfn.executions.get(id).map(|it| it.input.as_str());
            let order: Value =
                input.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
            order["customerId"] == *customer
        })
    }

    /// Checks that the customer reads the order that they placed, or the other order that has the record, and no mixture
    /// of the two.
    fn shown(&self, number: usize, id: &OrderId, body: &str) -> Result<(), Violation> {
        let view: Value = serde_json::from_str(body).unwrap_or_default();
        let other = self.watch.foreign.get(id.as_str()).map(|it| ordered(&it.record));
        let is_shown = |order: &Value| IDENTITY.iter().all(|name| order[*name] == view[*name]);
        let order = other.filter(is_shown).unwrap_or_else(|| self.placed(number, id));
        for (name, written) in order.as_object().into_iter().flatten() {
            let same = match written {
                Value::Number(it) => it.as_f64() == view[name].as_f64(),
                other => *other == view[name],
            };
            if !same {
                let problem =
                    format!("{id}: {name} was ordered as {written}, and is {}", view[name]);
                return Err(Violation::new(Clause::ShownAsOrdered, problem));
            }
        }
        Ok(())
    }

    /// The order that a customer placed, with its time.
    fn placed(&self, number: usize, id: &OrderId) -> Value {
        let input = self.sfn.executions.get(id.as_str()).map(|it| it.input.as_str());
        let input: Value = input.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
        let mut order = self.customers[number].order.clone();
        order["createdAt"] = input["submittedAt"].clone();
        order
    }

    fn accepted(&mut self, number: usize, body: &str, location: &str) -> Result<(), Violation> {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let id = json["orderId"].as_str().unwrap_or_default().to_owned();
        let id = OrderId::try_from(id)
            .map_err(|err| format!("202 without an order's id: {err}"))
            .map_err(|what| Violation::new(Clause::AnswerNamesAnOrder, what))?;
        // The location is relative to the URL of the request, so it holds with any prefix of the path.
        if location != format!("order/{id}") {
            let what = format!("the location of {id} is {location}");
            return Err(Violation::new(Clause::AnswerHasTheLocation, what));
        }
        let customer = &mut self.customers[number];
        if let Some(before) = &customer.accepted
            && *before != id
        {
            let what = format!("one key gave {before} and {id}");
            return Err(Violation::new(Clause::KeyLeadsToOneOrder, what));
        }
        if self.watch.expired.contains(id.as_str()) {
            let what = format!("202 for {id}, and its location is 404: its record has expired");
            return Err(Violation::new(Clause::AnswerIsOfAnOrderThatIsKept, what));
        }
        let first = customer.accepted.is_none();
        let keyed = customer.key.is_some();
        customer.accepted = Some(id.clone());
        self.watch.promised.insert(id.clone());
        if first && self.plan.weeks {
            for act in [keyed.then_some(Act::Place), Some(Act::Look(id.clone()))] {
                let after = self.chance.u64(8..85) * 86_400_000;
                if let Some(act) = act {
                    self.at(after, Event::Customer { customer: number, act });
                }
            }
        }
        if first {
            let soon = if self.chance.bool() { 50 } else { 5_000 };
            for (act, within) in [
                (Some(Act::Look(id.clone())), soon),
                (Some(Act::Look(id)), 600_000),
                (keyed.then_some(Act::Place), 7_200_000),
                (keyed.then_some(Act::Differ), 7_200_000),
            ] {
                let after = self.chance.u64(..within);
                if let Some(act) = act
                    && self.chance.u32(..3) == 0
                {
                    self.at(after, Event::Customer { customer: number, act });
                }
            }
        }
        Ok(())
    }
}

/// The attributes of a record that never change.
fn ordered(record: &OrderRecord) -> Value {
    json!({
        "customerId": record.customer_id,
        "productId": record.product_id,
        "quantity": record.quantity,
        "price": record.price,
        "metadata": record.metadata,
        "createdAt": record.created_at,
    })
}

/// Whether an answer has `Retry-After`.
fn is_said_to_return(answer: Option<&Value>) -> bool {
    answer.is_some_and(|it| it["headers"]["Retry-After"].is_string())
}
