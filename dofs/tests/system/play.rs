//! Short scenarios, each with a single call of a function if that is enough.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
};

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::{
    api::{PlaceOrder, ReadOrder},
    domain::{OrderId, OrderStatus},
};
use fulfill_order::chance::draw;
use serde_json::{Value, json};

use crate::{
    http::send,
    support::{Local, order},
    trouble::signature,
};

/// An action of a user, or of the system itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// A customer places an order.
    Place,
    /// A customer places an invalid order.
    Reject,
    /// A customer reads an order.
    Look,
    /// A customer reads an order that does not exist.
    LookForUnknown,
    /// The validator validates an order.
    Validate,
    /// order_storage stores a new order.
    Store,
    /// order_storage stores an order that exists.
    StoreAgain,
    /// fulfill_order fulfils an order.
    Fulfil,
    /// fulfill_order fails one.
    Fail,
    /// fulfill_order fulfils an order that had failed.
    FulfilFailed,
    /// A message passes the queue.
    Deliver,
    /// The reconciler closes an order.
    Reconcile,
    /// The machine records a failure.
    Record,
    /// The machine finds the record of another order under the id of a failed order.
    RecordOfAnother,
    /// A deployment updates the machine.
    Deploy,
    /// A schedule fires.
    Tick,
}

impl Scenario {
    pub(crate) const ALL: [Scenario; 16] = [
        Scenario::Place,
        Scenario::Reject,
        Scenario::Look,
        Scenario::LookForUnknown,
        Scenario::Validate,
        Scenario::Store,
        Scenario::StoreAgain,
        Scenario::Fulfil,
        Scenario::Fail,
        Scenario::FulfilFailed,
        Scenario::Deliver,
        Scenario::Reconcile,
        Scenario::Record,
        Scenario::RecordOfAnother,
        Scenario::Deploy,
        Scenario::Tick,
    ];
}

/// A system, and an order in it that is fulfilled.
pub(crate) struct Play<'a> {
    local: &'a Local,
    known: String,
    item: HashMap<String, AttributeValue>,
}

fn text(it: &str) -> AttributeValue {
    AttributeValue::S(it.to_owned())
}

fn number() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

fn id() -> OrderId {
    OrderId::try_from(format!("0192f0c1-2d3e-7a4b-8c5d-{:012x}", number())).unwrap()
}

/// Returns the input of the validator, which is also that of order_storage, except for the total.
fn submitted(id: &str) -> Value {
    json!({
        "orderId": id, "customerId": "CUST-1234", "productId": "PROD-5678", "quantity": 2,
        "price": 10, "metadata": null, "submittedAt": "2025-07-20T13:06:28.324Z",
    })
}

fn validated(id: &str) -> Value {
    let mut order = submitted(id);
    order["totalAmount"] = json!(20);
    order
}

impl<'a> Play<'a> {
    pub(crate) async fn new(local: &'a Local) -> Self {
        let known = local.one_that_is(OrderStatus::Fulfilled).await.order_id.to_string();
        let call = local.system.dynamodb.get_item().table_name(&local.system.names.orders);
        let found = call.key("order_id", text(&known)).send().await.unwrap();
        Play { local, known, item: found.item.unwrap() }
    }

    /// Runs the scenario. Its result is not checked.
    pub(crate) async fn scenario(&self, scenario: Scenario) {
        match scenario {
            Scenario::Place => self.place(1).await,
            Scenario::Reject => self.place(0).await,
            Scenario::Look => self.look(&self.known).await,
            Scenario::LookForUnknown => self.look("0192f0c1-2d3e-7a4b-8c5d-ffffffffffff").await,
            Scenario::Validate => self.call("validator", submitted(id().as_str())).await,
            Scenario::Store => self.call("order-storage", validated(id().as_str())).await,
            Scenario::StoreAgain => self.call("order-storage", validated(&self.known)).await,
            Scenario::Fulfil => self.fulfil(self.drawn(0, true), "PROCESSING", json!({})).await,
            Scenario::Fail => self.fulfil(self.drawn(0, false), "PROCESSING", json!({})).await,
            Scenario::FulfilFailed => {
                let asked = json!({ "Round": { "stringValue": "1", "dataType": "Number" } });
                self.fulfil(self.drawn(1, true), "FAILED", asked).await;
            }
            Scenario::Deliver => {
                let message =
                    json!({ "orderId": self.known, "submittedAt": "2025-07-20T13:06:28.324Z" });
                drop(self.local.send(&message.to_string()).await);
            }
            Scenario::Reconcile => {
                self.put(id().as_str(), "PROCESSING").await;
                self.call("reconcile-orders", json!({})).await;
            }
            Scenario::Record => self.record(id().as_str()).await,
            Scenario::RecordOfAnother => self.record(&self.known).await,
            Scenario::Deploy => self.deploy().await,
            Scenario::Tick => self.tick().await,
        }
    }

    async fn place(&self, quantity: i64) {
        let url = self.local.system.api.url_of(&PlaceOrder {});
        let headers = vec![("Content-Type", "application/json".to_owned())];
        let body = serde_json::to_vec(&order(quantity, 10.0)).unwrap();
        send("POST", url, headers, body).await;
    }

    async fn look(&self, id: &str) {
        let order_id = id.to_owned().try_into().unwrap();
        let url = self.local.system.api.url_of(&ReadOrder { order_id });
        send("GET", url, Vec::new(), Vec::new()).await;
    }

    /// Calls a function by its alias, as all callers in the system do.
    async fn call(&self, function: &str, event: Value) {
        let function = format!("dofs-dev-{function}");
        let endpoint = &self.local.up.running.endpoint;
        let url = format!("{endpoint}/2015-03-31/functions/{function}/invocations?Qualifier=live");
        let headers = vec![("Authorization", signature(self.local, "lambda"))];
        let (status, _, said) = send("POST", url, headers, event.to_string().into_bytes()).await;
        assert_eq!(status, 200, "{function}: {said}");
    }

    /// Returns an order that its first round fulfils, or one that it does not.
    fn drawn(&self, round: u32, fulfils: bool) -> OrderId {
        let rate = self.local.system.environment.config().fulfillment_rate;
        std::iter::repeat_with(id).find(|it| draw(it, round, rate) == fulfils).unwrap()
    }

    async fn put(&self, id: &str, status: &str) {
        let mut item = self.item.clone();
        for (name, value) in
            [("order_id", id), ("status", status), ("updated_at", "2025-07-20T13:06:28.324Z")]
        {
            item.insert(name.to_owned(), text(value));
        }
        item.insert("fulfillment_details".to_owned(), AttributeValue::Null(true));
        let call = self.local.system.dynamodb.put_item();
        let call = call.table_name(&self.local.system.names.orders);
        call.set_item(Some(item)).send().await.unwrap();
    }

    /// Returns a message about an order, as Lambda receives it from the queue.
    async fn fulfil(&self, order: OrderId, status: &str, attributes: Value) {
        self.put(order.as_str(), status).await;
        let body = json!({ "orderId": order.as_str(), "submittedAt": "2025-07-20T13:06:28.324Z" });
        let record = json!({
            "messageId": format!("message-{}", number()), "receiptHandle": "a receipt",
            "body": body.to_string(), "messageAttributes": attributes,
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1753016788324" },
        });
        self.call("fulfill-order", json!({ "Records": [record] })).await;
    }

    /// Starts the machine at the state that records a failure, which it would otherwise reach only after minutes.
    async fn record(&self, id: &str) {
        let system = &self.local.system;
        let machine = system.sfn.describe_state_machine().state_machine_arn(&system.machine_arn);
        let machine = machine.send().await.unwrap();
        let mut definition: Value = serde_json::from_str(machine.definition()).unwrap();
        definition["StartAt"] = json!("RecordFailure");
        let name = format!("dofs-dev-record-{}", number());
        let made = system.sfn.create_state_machine().name(&name).role_arn(machine.role_arn());
        let made = made.definition(definition.to_string()).send().await.unwrap();
        let mut input = validated(id);
        for (name, value) in [
            ("error", "Test"),
            ("cause", "a test sets the state"),
            ("failedAt", "2025-07-20T13:06:28.324Z"),
            ("validationStatus", "UNKNOWN"),
        ] {
            input[name] = json!(value);
        }
        let arn = made.state_machine_arn();
        let call = system.sfn.start_execution().state_machine_arn(arn).input(input.to_string());
        call.send().await.unwrap();
    }

    /// Updates the machine with its own definition.
    async fn deploy(&self) {
        let system = &self.local.system;
        let machine = system.sfn.describe_state_machine().state_machine_arn(&system.machine_arn);
        let machine = machine.send().await.unwrap();
        let call = system.sfn.update_state_machine().state_machine_arn(&system.machine_arn);
        let call = call.definition(machine.definition()).role_arn(machine.role_arn());
        let call = call.set_logging_configuration(machine.logging_configuration().cloned());
        // A denied call is in the log.
        let _ = call.send().await;
    }

    /// Creates a copy of the existing schedule that is due now.
    async fn tick(&self) {
        let endpoint = &self.local.up.running.endpoint;
        let headers = || vec![("Authorization", signature(self.local, "scheduler"))];
        let url = format!("{endpoint}/schedules/dofs-dev-reconcile-schedule");
        let (_, _, said) = send("GET", url, headers(), Vec::new()).await;
        let found: Value = serde_json::from_str(&said).unwrap();
        let schedule = json!({
            "ScheduleExpression": "at(2025-07-20T13:06:28)", "Target": found["Target"],
            "FlexibleTimeWindow": { "Mode": "OFF" },
        });
        let url = format!("{endpoint}/schedules/dofs-dev-due-{}", number());
        let (status, _, said) =
            send("POST", url, headers(), schedule.to_string().into_bytes()).await;
        assert_eq!(status, 200, "{said}");
    }
}
