//! The shared system, and helpers of the scenarios.

use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::{
    api::{OrderRequest, OrderView},
    domain::OrderStatus,
};
use dofs::{
    api::Refused,
    local::up::{Options, Up, up},
    system::System,
};
use infra_gen::config::Environment;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The system, and its runtime.
pub(crate) struct Local {
    pub(crate) up: Up,
    pub(crate) system: System,
    pub(crate) work: PathBuf,
}

/// The shared runtime, because connections belong to the runtime that created them.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap())
}

/// The system that all scenarios share.
pub(crate) fn local() -> &'static Local {
    static LOCAL: OnceLock<Local> = OnceLock::new();
    LOCAL.get_or_init(|| start("system"))
}

/// Starts a system, with its files in a folder with this name.
fn start(name: &str) -> Local {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let begin = Instant::now();
    let options = Options { parallelism: 20, port: 0, fresh: true, watch: false };
    let up = runtime().block_on(up(Environment::Dev, &options, &work));
    let up = up.unwrap_or_else(|err| panic!("{err:#}"));
    measured(&format!("dev is up after {:.1} s", begin.elapsed().as_secs_f64()));
    let config = up.running.sdk_config();
    let api = up.running.api_url.clone();
    let system = System::new(Environment::Dev, &api, &config, Some(up.running.clone())).unwrap();
    Local { system, up, work }
}

/// Runs a scenario with a system of its own.
#[track_caller]
pub(crate) fn scenario_alone(name: &str, play: impl AsyncFnOnce(&Local)) {
    // Otherwise two runs of Terraform and two builds of the functions would compete.
    local();
    let local = start(name);
    timed(|| runtime().block_on(play(&local)));
}

/// Runs a scenario with the shared system.
#[track_caller]
pub(crate) fn scenario<F: Future<Output = ()>>(play: impl FnOnce(&'static Local) -> F) {
    let local = local();
    timed(|| runtime().block_on(play(local)));
}

fn timed(play: impl FnOnce()) {
    let begin = Instant::now();
    play();
    // The test harness gives a test's thread the name of the test.
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    line(&format!("scenario: {name}, {:.1} s", begin.elapsed().as_secs_f64()));
}

/// Prints a figure, also if the test passes.
pub(crate) fn measured(figure: &str) {
    line(&format!("measured: {figure}"));
}

/// Bypasses the test harness, which captures the output of passing tests. `cargo xtask test` counts these lines.
fn line(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

pub(crate) fn order(quantity: i64, price: f64) -> OrderRequest {
    let json = json!({
        "customerId": "CUST-1234", "productId": "PROD-5678", "quantity": quantity, "price": price,
    });
    serde_json::from_value(json).unwrap()
}

/// The longest pause between two reads. Each read of an order runs a function, on the cores that the orders need.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The time after which a scenario reports that what it waits for does not happen, for example that an order is lost.
///
/// No scenario asserts a duration: an idle machine with two cores ends eight orders per second, and a machine that runs
/// other tests as well a fraction of that. The longest wait without a fault is that of a message that becomes a dead
/// letter, or comes back from a killed function: up to five minutes on an idle machine. This is three times as long.
const LOST_AFTER: Duration = Duration::from_secs(15 * 60);

/// Waits until a read returns something.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    look: impl Fn() -> F,
) -> T {
    let begin = Instant::now();
    let mut pause = Duration::from_millis(300);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begin.elapsed() < LOST_AFTER, "{what}: not within {LOST_AFTER:?}");
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 3 / 2);
    }
}

impl Local {
    /// Places an order, and returns its id. As a good client, it sends an idempotency key, and retries if the API asks for it.
    pub(crate) async fn place(&self, order: OrderRequest, key: Option<&str>) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let key = key.map_or_else(|| format!("scenario-{number}"), str::to_owned);
        let mut attempts = 0;
        loop {
            match self.system.api.place(order.clone(), Some(key.clone())).await.outcome {
                Ok(answer) => return answer.order_id.to_string(),
                // API Gateway itself answers if a function is too slow, and the key makes a retry safe.
                Err(
                    Refused::Error { status: 429 | 500.., .. }
                    | Refused::Strange { status: 500.., .. }
                    | Refused::Nobody(_),
                ) if attempts < 30 => {}
                Err(err) => panic!("{err}"),
            }
            attempts += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Reads an order.
    pub(crate) async fn view(&self, order: &str) -> Result<OrderView, Refused> {
        self.system.api.get(&order.to_owned().try_into().unwrap()).await.outcome
    }

    /// Waits until an order is decided.
    pub(crate) async fn ended(&self, order: &str) -> OrderView {
        eventually(&format!("the end of {order}"), || async {
            let view = self.view(order).await.ok()?;
            view.status.is_final().then_some(view)
        })
        .await
    }

    /// Places orders until one has this status.
    pub(crate) async fn one_that_is(&self, status: OrderStatus) -> OrderView {
        for _ in 0..60 {
            let order = self.place(order(1, 9.99), None).await;
            let view = self.ended(&order).await;
            if view.status == status {
                return view;
            }
        }
        panic!("60 orders, and none is {status:?}")
    }

    /// Returns an item of a table by its key.
    pub(crate) async fn item(&self, table: &str, key: &str) -> Option<Value> {
        let call = self.system.dynamodb.get_item().table_name(table).consistent_read(true);
        let found = call.key("order_id", AttributeValue::S(key.to_owned())).send().await.unwrap();
        let fields = found.item?.into_iter().map(|(name, value)| (name, plain(&value)));
        Some(Value::Object(fields.collect()))
    }

    /// Returns the failure record of an order.
    pub(crate) async fn failure(&self, key: &str) -> Option<Value> {
        self.item(&self.system.names.failed_orders, key).await
    }

    /// Sends a text to the order queue.
    pub(crate) async fn send(&self, body: &str) -> String {
        let queue = self.system.queue_url(&self.system.names.queue).await.unwrap();
        let sent = self.system.sqs.send_message().queue_url(queue).message_body(body).send().await;
        sent.unwrap().message_id.unwrap()
    }

    /// Returns the ids and bodies of all dead letters, without removing them.
    pub(crate) async fn dead_letters(&self) -> Vec<(String, String)> {
        let queue = self.system.queue_url(&self.system.names.dead_letters).await.unwrap();
        let mut found = Vec::new();
        loop {
            // Hide each message while the others are read.
            let call = self.system.sqs.receive_message().queue_url(&queue);
            let call = call.max_number_of_messages(10).visibility_timeout(60).wait_time_seconds(0);
            let some = call.send().await.unwrap().messages.unwrap_or_default();
            if some.is_empty() {
                break;
            }
            found.extend(some);
        }
        for message in &found {
            let call = self.system.sqs.change_message_visibility().queue_url(&queue);
            let call = call.receipt_handle(message.receipt_handle().unwrap_or_default());
            call.visibility_timeout(0).send().await.unwrap();
        }
        found
            .into_iter()
            .map(|it| (it.message_id.unwrap_or_default(), it.body.unwrap_or_default()))
            .collect()
    }
}

/// Returns an attribute as JSON, with numbers as strings.
fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(it) | AttributeValue::N(it) => it.as_str().into(),
        AttributeValue::M(it) => {
            Value::Object(it.iter().map(|(name, it)| (name.clone(), plain(it))).collect())
        }
        _ => Value::Null,
    }
}
