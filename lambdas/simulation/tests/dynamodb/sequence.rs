//! Random events for a few orders: the handlers and the order machine make every request.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use asl::{Execution, Failure, Next, Now};
use contracts::functions::{ApiHandler, FulfillOrder, OrderStorage, ReconcileOrders, Validator};
use function_contract::{
    Contract,
    env::{EnvContract, Live},
};
use futures::FutureExt as _;
use runtime::{
    handler::{Handler, Invocation, Raised, answer},
    port::Clock as _,
};
use serde_json::{Value, json};
use simulation::facts::Facts;

use crate::{
    both::{Both, Port},
    faults::Mistake,
    finding::Finding,
    stretch,
};

/// The number of events in a sequence.
const STEPS: usize = 14;

/// The result of a sequence.
pub(crate) struct Compared {
    pub(crate) calls: BTreeMap<String, u32>,
    pub(crate) stretched: u32,
    pub(crate) findings: Vec<Finding>,
}

/// Runs a sequence with both DynamoDBs.
pub(crate) fn run(facts: &Facts, seed: u64, mistake: Option<Mistake>) -> Compared {
    // The SDK needs a timer of tokio, which never fires here.
    let threads = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = threads.enter();
    let mut sequence = Sequence {
        facts,
        both: Rc::new(Both::new(seed, mistake)),
        chance: fastrand::Rng::with_seed(seed ^ 0xd1b5_4a32_d192_ed03),
        stored: Vec::new(),
        last: String::new(),
        stretched: 0,
    };
    sequence.play(seed);
    Compared {
        calls: sequence.both.calls.take(),
        stretched: sequence.stretched,
        findings: sequence.both.findings.take(),
    }
}

struct Sequence<'a> {
    facts: &'a Facts,
    both: Rc<Both>,
    chance: fastrand::Rng,
    /// The inputs of order_storage.
    stored: Vec<Value>,
    /// The last placed order.
    last: String,
    stretched: u32,
}

impl Sequence<'_> {
    fn play(&mut self, seed: u64) {
        if seed.is_multiple_of(12) {
            self.many();
        }
        for _ in 0..STEPS {
            let pause = [0, 1, 1_000, 60_000, 300_000][self.chance.usize(..5)];
            self.both.now.set(self.both.now.get() + pause);
            match self.chance.u32(..16) {
                0..7 => {
                    self.order();
                    self.deliver();
                }
                7..10 => self.deliver(),
                10..12 => self.reconcile(),
                12..14 => self.look(),
                _ => self.store_again(),
            }
            self.stretched += stretch::some(&self.both, &mut self.chance);
        }
        self.both.compare_tables();
    }

    /// Returns one of few ids, so that orders collide.
    fn id(&mut self) -> String {
        format!("0192f0c1-2d3e-7a4b-8c5d-{:012x}", self.chance.u32(..10))
    }

    /// Stores more orders than the reconciler closes in one call. Some of them changed at the same time.
    fn many(&mut self) {
        for number in 0..self.chance.u32(25..60) {
            let mut order = self.submitted(&format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}"));
            order["quantity"] = json!(1);
            order["price"] = json!(2.5);
            order["totalAmount"] = json!(2.5);
            (order["customerId"], order["productId"]) = (json!("CUST-1234"), json!("PROD-1234"));
            let _ = self.call("order_storage", &order);
            self.both.now.set(self.both.now.get() + self.chance.u64(..2));
        }
        for _ in 0..6 {
            self.deliver();
        }
        self.both.now.set(self.both.now.get() + 3_600_000);
        let _ = self.call("reconcile_orders", &json!({}));
    }

    /// Returns an order as the API writes it, within its limits.
    fn submitted(&mut self, id: &str) -> Value {
        let chance = &mut self.chance;
        let text = |chance: &mut fastrand::Rng, good: &str| match chance.u32(..12) {
            0 => ["", "x", "€uro", "\u{0}", &"x".repeat(256)][chance.usize(..5)].to_owned(),
            _ => format!("{good}-{:04}", chance.u32(1_000..1_004)),
        };
        let prices =
            ["29.99", "29.99", "60", "60.0", "60.50", "0.01", "1e-9", "-123456789012345.0"];
        let prices = prices.map(|it| serde_json::from_str::<Value>(it).unwrap());
        let metadata = match chance.u32(..4) {
            0 => Value::Null,
            1 => json!({}),
            2 => json!({ "gift": "yes", "empty": "", "note": "x".repeat(256) }),
            _ => (0..20).map(|it| (format!("key-{it}"), json!("€".repeat(85)))).collect(),
        };
        let quantities = [0, 1, 1, 2, 7, 7, 7, 100, 101, -1_000_000_000];
        json!({
            "orderId": id,
            "customerId": text(chance, "CUST"),
            "productId": text(chance, "PROD"),
            "quantity": (quantities[chance.usize(..quantities.len())]),
            "price": (prices[chance.usize(..prices.len())]),
            "metadata": metadata,
            "submittedAt": Port(Rc::clone(&self.both)).now().timestamp(),
        })
    }

    /// Runs an execution of the order machine to its end.
    fn order(&mut self) {
        let id = self.id();
        self.last.clone_from(&id);
        let input = self.submitted(&id);
        let machine = &self.facts.machine;
        let now = || Now::from_millis(self.both.now.get());
        let (mut execution, mut next) = Execution::start(machine, &id, &id, input, now());
        // Some executions have a function that fails at every attempt, so that the machine records a failure.
        let down = ["validator", "order_storage", "", "", "", ""][self.chance.usize(..6)];
        for _ in 0..40 {
            next = match next {
                Next::Task(task) => {
                    let outcome = self.task(&task.resource, &task.arguments, down);
                    let now = Now::from_millis(self.both.now.get());
                    match outcome {
                        Ok(result) => execution.task_succeeded(result, now),
                        Err(failure) => execution.task_failed(failure, now),
                    }
                }
                Next::Wait(wait) => {
                    let after = wait.choose(|longest| longest / 2).max(Duration::from_millis(1));
                    let after = u64::try_from(after.as_millis()).unwrap();
                    self.both.now.set(self.both.now.get() + after);
                    execution.woke(Now::from_millis(self.both.now.get()))
                }
                Next::Succeeded(_) | Next::Failed(_) => return,
            }
            .unwrap();
        }
    }

    /// Returns the result of a state's task. Some functions fail, and some answers are lost.
    fn task(&mut self, resource: &str, arguments: &Value, down: &str) -> Result<Value, Failure> {
        if resource != "arn:aws:states:::lambda:invoke" {
            let done = self.both.state(resource, arguments);
            return match self.chance.u32(..6) {
                0 => Err(Failure::timeout()),
                _ => done,
            };
        }
        let function = arguments["FunctionName"].as_str().unwrap();
        if function == down || self.chance.u32(..8) == 0 {
            let names = ["Lambda.Unknown", "States.Timeout", "OrderConflict", "ServiceFault"];
            let length = [0, 1, 8_192, 8_193, 100_000][self.chance.usize(..5)];
            return Err(Failure::new(names[self.chance.usize(..4)], "x€".repeat(length / 2)));
        }
        match self.call(function, &arguments["Payload"]) {
            Ok(payload) => Ok(json!({ "Payload": payload, "StatusCode": 200 })),
            Err(raised) => {
                let cause = json!({ "errorType": raised.name, "errorMessage": raised.cause });
                Err(Failure::new(raised.name, cause.to_string()))
            }
        }
    }

    /// Delivers a batch of messages: of existing orders, of unknown orders, and unreadable ones.
    fn deliver(&mut self) {
        let records = (0..self.chance.u32(1..4)).map(|_| {
            let id = if self.chance.bool() { self.last.clone() } else { self.id() };
            let order = json!({ "orderId": id, "submittedAt": "2025-07-20T13:06:28.324Z" });
            let body = match self.chance.u32(..8) {
                0 => "x€".repeat(40_000),
                1 => String::new(),
                2 => order.to_string().replace("0192", "ffff"),
                _ => order.to_string(),
            };
            let round = match self.chance.u32(..3) {
                0 => json!({}),
                _ => json!({ "Round": { "stringValue": self.chance.u32(..4).to_string() } }),
            };
            json!({
                "messageId": format!("m-{}", self.chance.u32(..4)),
                "receiptHandle": "r",
                "body": body,
                "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1753016000000" },
                "messageAttributes": round,
            })
        });
        let records: Vec<Value> = records.collect();
        let _ = self.call("fulfill_order", &json!({ "Records": records }));
    }

    fn reconcile(&mut self) {
        let later = self.chance.u64(..2) * 3_600_000;
        self.both.now.set(self.both.now.get() + later);
        let _ = self.call("reconcile_orders", &json!({}));
    }

    /// A client reads an order, or places one with a key.
    fn look(&mut self) {
        let id = self.id();
        let mut request = json!({
            "httpMethod": "GET", "resource": "/order/{orderId}", "pathParameters": { "orderId": id },
            "body": "", "isBase64Encoded": false, "requestContext": { "requestId": "r" },
        });
        if self.chance.bool() {
            let order = json!({
                "customerId": "CUST-1234", "productId": "PROD-5678", "quantity": 2, "price": 29.99,
            });
            request["httpMethod"] = json!("POST");
            request["resource"] = json!("/order");
            request["headers"] =
                json!({ "Idempotency-Key": format!("key-{}", self.chance.u32(..2)) });
            request["body"] = json!(order.to_string());
        }
        let _ = self.call("api_handler", &request);
    }

    /// Calls order_storage a second time, or with another order under the same id.
    fn store_again(&mut self) {
        let Some(order) = self.chance.choice(&self.stored) else { return };
        let mut order = order.clone();
        if self.chance.u32(..3) == 0 {
            order["quantity"] = json!(99);
        }
        let _ = self.call("order_storage", &order);
    }

    /// Calls a function, as Lambda does.
    fn call(&mut self, function: &str, event: &Value) -> Result<Value, Raised> {
        if function == "order_storage" {
            self.stored.push(event.clone());
        }
        let it = Call { facts: self.facts, port: Port(Rc::clone(&self.both)), event };
        match function {
            "api_handler" => it.of::<ApiHandler, _>(api_handler::ApiHandler::new),
            "validator" => it.of::<Validator, _>(validator::Validator::new),
            "order_storage" => it.of::<OrderStorage, _>(order_storage::OrderStorage::new),
            "fulfill_order" => it.of::<FulfillOrder, _>(fulfill_order::FulfillOrder::new),
            "reconcile_orders" => {
                it.of::<ReconcileOrders, _>(reconcile_orders::ReconcileOrders::new)
            }
            other => panic!("there is no function {other}"),
        }
    }
}

struct Call<'a> {
    facts: &'a Facts,
    port: Port,
    event: &'a Value,
}

impl Call<'_> {
    fn of<C, H>(
        self,
        make: impl FnOnce(<C::Env as EnvContract>::In<Live>, Port) -> H,
    ) -> Result<Value, Raised>
    where
        C: Contract<Input: serde::de::DeserializeOwned, Output: serde::Serialize>,
        H: Handler<C>,
    {
        let environment = &self.facts.functions[C::BIN].environment;
        let env = <C::Env as EnvContract>::parse(|name| environment.get(name).cloned()).unwrap();
        let deadline = self.port.now() + Duration::from_secs(60);
        let invocation = Invocation { request_id: "r".to_owned(), deadline };
        let handler = make(env, self.port);
        let event = self.event.to_string();
        let output = answer::<C, H>(&handler, &event, &invocation).now_or_never();
        let output = output.expect("everything answers at once")?;
        Ok(serde_json::to_value(output).unwrap())
    }
}
