//! The additions to `infra-gen/src/topology`, with the parts of DOFS that they need.

use std::collections::BTreeMap;

use contracts::order::{OrderRecord, OrderStored};
use function_contract::{
    kind::{DeadLetterQueue, Function, Queue, Table},
    setting::LogLevel,
};
use infra_core::{
    model::{
        Handle, Module, ModuleName, Scope, Stack, Wire,
        expr::RootVariable,
        flow::{self, Flow, Retry, TaskSpec},
        function::FunctionSpec,
        key::Encryption,
        limits::{
            BackoffRate, FunctionTimeout, KeyDeletionWindow, LogRetention, MaxAttempts, MaxDelay,
            MessageRetention, RetryInterval, StateTimeout, VisibilityTimeout,
        },
        machine::MachineSpec,
        queue::{DeadLetterQueueSpec, DeadLetters, QueueSpec},
        stack::Finished,
        table::TableSpec,
        topic::AlarmTopic,
        trigger::EventSourceSpec,
    },
    resource,
};
use infra_gen::config::{Config, Environment, Keys};

use crate::contract::{AnnounceOrder, AnnounceOrderEnv};

const VISIBILITY: VisibilityTimeout = VisibilityTimeout::new(180);
const RETENTION: MessageRetention = MessageRetention::new(4 * 86_400);
const DEAD_LETTER_RETENTION: MessageRetention = MessageRetention::new(14 * 86_400);
const BATCH_TIMEOUT: FunctionTimeout = FunctionTimeout::new(30);
const MONTH: LogRetention = LogRetention::days(30);
const MONTH_OF_GRACE: KeyDeletionWindow = KeyDeletionWindow::new(30);
const DAY: StateTimeout = StateTimeout::new(24 * 3600);
const PACKAGES: RootVariable = RootVariable::new("package_dir", "Zips.", "../../target/lambda");
const CALL: TaskSpec = TaskSpec {
    timeout: StateTimeout::new(15),
    heartbeat: None,
    retry: Retry {
        interval: RetryInterval::new(1),
        max_attempts: MaxAttempts::new(6),
        backoff: BackoffRate::hundredths(200),
        max_delay: MaxDelay::new(30),
    },
};

struct Queues {
    announcements: Handle<Queue<OrderStored>>,
    announcements_dlq: Handle<DeadLetterQueue<OrderStored>>,
}

/// The resources that alarms watch.
struct Watched {
    queues: Queues,
}

struct Tables {
    orders: Handle<Table<OrderRecord>>,
}

/// Returns a stack with only the addition: a table, the queue, the function, a state machine with one state, and the
/// receivers of alarms.
pub fn announcing(environment: Environment) -> Finished {
    let config = environment.config();
    let mut stack = Stack::new(Scope {
        accounts: vec![config.account],
        region: config.region,
        prefix: format!("dofs-{environment}"),
        tags: BTreeMap::new(),
    });
    let mut module = stack.module(ModuleName::new("dynamodb"));
    let key = (config.keys == Keys::Customer).then(|| {
        module.key(
            resource!(
                /// Encrypts the tables.
                "tables"
            ),
            MONTH_OF_GRACE,
        )
    });
    let orders = module.table(
        resource!(
            /// Every order.
            "orders"
        ),
        TableSpec {
            encryption: key.as_ref().map_or(Encryption::Aws, Encryption::Customer),
            deletion_protection: false,
        },
    );
    let queues = queues(&mut stack.module(ModuleName::new("sqs")), config);
    let mut module = stack.module(ModuleName::new("lambdas"));
    function(&mut module, config, &Tables { orders }, &queues);
    stack.module(ModuleName::new("stepfunctions")).state_machine(
        resource!(
            /// The end of the order machine.
            "order"
        ),
        MachineSpec { timeout: DAY, log_retention: MONTH },
        announced(&queues).then(flow::succeed("Stored")),
    );
    let mut module = stack.module(ModuleName::new("monitoring"));
    let key = module.key(
        resource!(
            /// Encrypts the alarms' topic.
            "alarms"
        ),
        MONTH_OF_GRACE,
    );
    let topic = module.alarm_topic(
        resource!(
            /// Receives all alarms.
            "alarms"
        ),
        &key,
        config.alarm_emails,
    );
    queue_alarms(&mut module, &Watched { queues }, &topic);
    stack.finish()
}

fn queue_alarms(module: &mut Module<'_>, on: &Watched, topic: &Handle<AlarmTopic>) {
    // guide: alarm
    module.watch(&on.queues.announcements, topic);
    module.watch(&on.queues.announcements_dlq, topic);
    // end
}

fn queues(module: &mut Module<'_>, config: &'static Config) -> Queues {
    let key = (config.keys == Keys::Customer).then(|| {
        module.key(
            resource!(
                /// Encrypts the queues.
                "queues"
            ),
            MONTH_OF_GRACE,
        )
    });
    let encryption = || key.as_ref().map_or(Encryption::Aws, Encryption::Customer);
    // guide: queue
    let announcements_dlq = module.dead_letter_queue(
        resource!(
            /// Orders that could not be announced after all attempts.
            "announcements_dlq"
        ),
        DeadLetterQueueSpec { encryption: encryption(), retention: DEAD_LETTER_RETENTION },
    );
    let announcements = module.queue(
        resource!(
            /// Orders that are stored and wait to be announced.
            "announcements"
        ),
        QueueSpec { encryption: encryption(), visibility: VISIBILITY, retention: RETENTION },
        DeadLetters { to: &announcements_dlq, after: config.max_receive_count },
    );
    // end
    Queues { announcements, announcements_dlq }
}

fn function(module: &mut Module<'_>, config: &'static Config, tables: &Tables, queues: &Queues) {
    let shared = Shared { config };
    // guide: function
    let announce_order: Handle<Function<AnnounceOrder>> = module.function(
        resource!(
            /// Announces orders that are stored.
            "announce_order"
        ),
        shared.function(
            BATCH_TIMEOUT,
            config.memory,
            config.fulfillment_concurrency,
            AnnounceOrderEnv { orders: tables.orders.access(), log_level: shared.log_level() },
        ),
    );
    module.on_messages(
        resource!(
            /// Feeds the announcements to announce_order.
            "announce_order"
        ),
        &queues.announcements,
        &announce_order,
        EventSourceSpec {
            batch_size: config.batch_size,
            batch_window: config.batch_window,
            maximum_concurrency: config.queue_concurrency,
        },
    );
    // end
}

/// A failed announcement does not undo the storing of the order.
#[allow(clippy::let_and_return, reason = "in DOFS, more follows on the name")]
fn announced(queues: &Queues) -> Flow<OrderStored, OrderStored> {
    // guide: state
    let unannounced = flow::succeed("StoredUnannounced");
    let announced = flow::send_message("AnnounceOrder", &queues.announcements, CALL)
        .catching(|never| match never {}, flow::leave(OrderStored::caught(), &unannounced));
    // end
    announced
}

/// As in `infra-gen/src/topology.rs`.
struct Shared {
    config: &'static Config,
}

impl Shared {
    fn function<C: function_contract::Contract>(
        &self,
        timeout: FunctionTimeout,
        memory: infra_core::model::limits::MemoryMb,
        reserved_concurrency: Option<infra_core::model::limits::ReservedConcurrency>,
        env: <C::Env as function_contract::env::EnvContract>::In<infra_core::model::Wired>,
    ) -> FunctionSpec<C> {
        FunctionSpec {
            env,
            memory,
            timeout,
            architecture: self.config.architecture,
            reserved_concurrency,
            log_retention: self.config.log_retention,
            packages: PACKAGES,
        }
    }

    fn log_level(&self) -> Wire<function_contract::setting::Setting<LogLevel>> {
        Wire::setting(self.config.log_level)
    }
}
