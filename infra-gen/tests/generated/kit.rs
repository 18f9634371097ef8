//! The parts that the small broken topologies have in common.

use std::collections::BTreeMap;

use contracts::{
    functions::{FulfillOrder, FulfillOrderEnv, Validator, ValidatorEnv},
    order::{FailedOrder, OrderAccepted, OrderRecord, OrderSubmitted},
};
use function_contract::{
    env::EnvContract,
    kind::{DeadLetterQueue, Function, Queue, StateMachine, Table},
    setting::{LogLevel, Percent},
};
use infra_core::{
    check::{self, Violation},
    model::{
        Handle, Module, ModuleName, Scope, Stack, Wire, Wired,
        expr::RootVariable,
        flow::{self, Ended, Flow, Retry, TaskSpec},
        function::{Architecture, FunctionSpec},
        key::Encryption,
        limits::{
            BackoffRate, BatchSize, BatchWindow, FunctionTimeout, KeyDeletionWindow, LogRetention,
            MaxAttempts, MaxDelay, MaxReceiveCount, MaximumConcurrency, MemoryMb, MessageRetention,
            ReservedConcurrency, RetryInterval, StateTimeout, VisibilityTimeout,
        },
        machine::MachineSpec,
        queue::{DeadLetterQueueSpec, DeadLetters, QueueSpec},
        table::TableSpec,
        topic::AlarmTopic,
        trigger::EventSourceSpec,
    },
    resource,
};
use infra_gen::config::{AccountId, Region};

pub(crate) const A: ModuleName = ModuleName::new("a");
pub(crate) const B: ModuleName = ModuleName::new("b");
pub(crate) const ACCOUNT: AccountId = AccountId::new("111122223333");
pub(crate) const PACKAGES: RootVariable = RootVariable::new("packages", "Zips.", "zips");
pub(crate) const WEEK: LogRetention = LogRetention::days(7);
pub(crate) const SHORT: FunctionTimeout = FunctionTimeout::new(10);
pub(crate) const LONG: FunctionTimeout = FunctionTimeout::new(60);
pub(crate) const DAY: MessageRetention = MessageRetention::new(86_400);
pub(crate) const TWO_DAYS: MessageRetention = MessageRetention::new(2 * 86_400);
pub(crate) const HIDDEN: VisibilityTimeout = VisibilityTimeout::new(180);
pub(crate) const TEN: ReservedConcurrency = ReservedConcurrency::new(10);

pub(crate) fn stack(prefix: &str) -> Stack {
    Stack::new(Scope {
        accounts: vec![ACCOUNT],
        region: Region::EuWest1,
        prefix: prefix.to_owned(),
        tags: BTreeMap::new(),
    })
}

/// The rules that a small topology breaks. It uses few of its resources, so the lints for resources without use are left
/// out.
pub(crate) fn violations(stack: &Stack) -> Vec<Violation> {
    let mut found = check::stack(stack);
    found.retain(|it| !it.rule.starts_with("wiring/"));
    found
}

pub(crate) fn queue_spec(retention: MessageRetention) -> QueueSpec<'static> {
    QueueSpec { encryption: Encryption::Aws, visibility: HIDDEN, retention }
}

pub(crate) fn table_spec() -> TableSpec<'static> {
    TableSpec { encryption: Encryption::Aws, deletion_protection: false }
}

pub(crate) fn spec<C: function_contract::Contract>(
    env: <C::Env as EnvContract>::In<Wired>,
    timeout: FunctionTimeout,
) -> FunctionSpec<C> {
    const MEMORY: MemoryMb = MemoryMb::new(128);
    FunctionSpec {
        env,
        memory: MEMORY,
        timeout,
        architecture: Architecture::Arm64,
        reserved_concurrency: Some(TEN),
        log_retention: WEEK,
        packages: PACKAGES,
    }
}

pub(crate) fn queue(
    module: &mut Module<'_>,
    kept: MessageRetention,
    dead: MessageRetention,
) -> Handle<Queue<OrderAccepted>> {
    const AFTER: MaxReceiveCount = MaxReceiveCount::new(3);
    queue_after(module, AFTER, kept, dead)
}

pub(crate) fn queue_after(
    module: &mut Module<'_>,
    after: MaxReceiveCount,
    kept: MessageRetention,
    dead: MessageRetention,
) -> Handle<Queue<OrderAccepted>> {
    let to = module.dead_letter_queue(
        resource!(
            /// Dead.
            "dead"
        ),
        DeadLetterQueueSpec { encryption: Encryption::Aws, retention: dead },
    );
    dead_letter_alarm(module, &to);
    let dead_letters = DeadLetters { to: &to, after };
    module.queue(
        resource!(
            /// Alive.
            "alive"
        ),
        queue_spec(kept),
        dead_letters,
    )
}

/// Adds an alarm on dead letters, which the policy pack requires.
fn dead_letter_alarm(module: &mut Module<'_>, dead: &Handle<DeadLetterQueue<OrderAccepted>>) {
    let notify = operators(module);
    module.watch(dead, &notify);
}

/// A topic for alarms.
pub(crate) fn operators(module: &mut Module<'_>) -> Handle<AlarmTopic> {
    const WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(7);
    let key = module.key(
        resource!(
            /// Encrypts.
            "operators"
        ),
        WINDOW,
    );
    module.alarm_topic(
        resource!(
            /// Notifies the operators.
            "operators"
        ),
        &key,
        &[],
    )
}

pub(crate) fn table(module: &mut Module<'_>) -> Handle<Table<OrderRecord>> {
    module.table(
        resource!(
            /// Orders.
            "orders"
        ),
        table_spec(),
    )
}

pub(crate) fn validator(
    module: &mut Module<'_>,
    namespace: &str,
    timeout: FunctionTimeout,
) -> Handle<Function<Validator>> {
    module.function(
        resource!(
            /// Judges.
            "validator"
        ),
        spec(
            ValidatorEnv {
                log_level: Wire::setting(LogLevel::Info),
                metrics_namespace: Wire::setting(namespace.parse().unwrap()),
            },
            timeout,
        ),
    )
}

pub(crate) fn fulfill_order(
    module: &mut Module<'_>,
    timeout: FunctionTimeout,
    source: EventSourceSpec,
) -> Handle<Function<FulfillOrder>> {
    let queue = queue(module, DAY, TWO_DAYS);
    fulfill_off(module, &queue, timeout, source)
}

/// Adds a function that takes the messages of a queue.
pub(crate) fn fulfill_off(
    module: &mut Module<'_>,
    queue: &Handle<Queue<OrderAccepted>>,
    timeout: FunctionTimeout,
    source: EventSourceSpec,
) -> Handle<Function<FulfillOrder>> {
    const RATE: Percent = Percent::new(70);
    let orders = table(module);
    let failed: Handle<Table<FailedOrder>> = module.table(
        resource!(
            /// Failed.
            "failed"
        ),
        table_spec(),
    );
    let function: Handle<Function<FulfillOrder>> = module.function(
        resource!(
            /// Fulfils.
            "fulfill"
        ),
        spec(
            FulfillOrderEnv {
                orders: orders.access(),
                failed_orders: failed.access(),
                queue: queue.access(),
                fulfillment_rate: Wire::setting(RATE),
                log_level: Wire::setting(LogLevel::Info),
                metrics_namespace: Wire::setting("n".parse().unwrap()),
            },
            timeout,
        ),
    );
    module.on_messages(
        resource!(
            /// Feeds.
            "feed"
        ),
        queue,
        &function,
        source,
    );
    function
}

pub(crate) const BATCH: BatchSize = BatchSize::new(10);
pub(crate) const BIG_BATCH: BatchSize = BatchSize::new(100);
pub(crate) const AT_ONCE: BatchWindow = BatchWindow::new(0);
pub(crate) const BUSY: MaximumConcurrency = MaximumConcurrency::new(10);
pub(crate) const TOO_BUSY: MaximumConcurrency = MaximumConcurrency::new(11);

pub(crate) fn source() -> EventSourceSpec {
    EventSourceSpec { batch_size: BATCH, batch_window: AT_ONCE, maximum_concurrency: BUSY }
}

pub(crate) const TASK: TaskSpec = TaskSpec {
    timeout: StateTimeout::new(15),
    heartbeat: None,
    retry: Retry {
        interval: RetryInterval::new(1),
        max_attempts: MaxAttempts::new(2),
        backoff: BackoffRate::hundredths(200),
        max_delay: MaxDelay::new(30),
    },
};

pub(crate) fn gone<I>() -> Flow<I, Ended> {
    flow::fail("Gone", "gone")
}

pub(crate) fn machine(
    module: &mut Module<'_>,
    flow: Flow<OrderSubmitted, Ended>,
    seconds: StateTimeout,
) -> Handle<StateMachine<OrderSubmitted>> {
    module.state_machine(
        resource!(
            /// Orders.
            "machine"
        ),
        MachineSpec { timeout: seconds, log_retention: WEEK },
        flow,
    )
}

pub(crate) const HOUR: StateTimeout = StateTimeout::new(3600);

pub(crate) fn validating(
    module: &mut Module<'_>,
    timeout: FunctionTimeout,
) -> Flow<OrderSubmitted, Ended> {
    let function = validator(module, "n", timeout);
    let at = OrderSubmitted::caught;
    flow::invoke("Validate", &function, TASK)
        .catching(|_| flow::leave(at(), &gone()), flow::leave(at(), &gone()))
        .then(flow::succeed("Done"))
}
