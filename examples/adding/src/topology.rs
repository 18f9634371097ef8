//! The additions to `infra-gen/src/topology`, with the parts of DOFS that they need.

use std::collections::BTreeMap;

use contracts::order::{OrderRecord, OrderStored};
use function_contract::{
    Contract,
    env::EnvContract,
    kind::{Function, Queue, Table},
    setting::{LogLevel, Setting},
};
use infra_core::{
    model::{
        Handle, Module, ModuleName, Scope, Stack, Wire, Wired,
        expr::RootVariable,
        flow::{Flow, Retry, TaskSpec, leave, send_message, succeed},
        function::FunctionSpec,
        key::Encryption,
        limits::{
            BackoffRate, FunctionTimeout, KeyDeletionWindow, LogRetention, MaxAttempts, MaxDelay,
            MessageRetention, RetryInterval, StateTimeout, VisibilityTimeout,
        },
        machine::MachineSpec,
        queue::QueueWithDeadLettersSpec,
        stack::Finished,
        table::TableSpec,
        trigger::EventSourceSpec,
    },
    resource,
};
use infra_gen::config::{Config, Environment, Keys};

use crate::contract::{AnnounceOrder, AnnounceOrderEnv};

const VISIBILITY: VisibilityTimeout = VisibilityTimeout::new(180);
const RETENTION: MessageRetention = MessageRetention::new(4 * 86_400);
const DEAD_LETTER_RETENTION: MessageRetention = MessageRetention::new(14 * 86_400);
const TIMEOUT: FunctionTimeout = FunctionTimeout::new(30);
const MONTH: LogRetention = LogRetention::days(30);
const MONTH_OF_GRACE: KeyDeletionWindow = KeyDeletionWindow::new(30);
const DAY: StateTimeout = StateTimeout::new(24 * 3600);
const PACKAGES: RootVariable = RootVariable::packages("../../target/lambda");
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
}

struct Tables {
    orders: Handle<Table<OrderRecord>>,
}

struct Stores {
    tables: Tables,
    queues: Queues,
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
    let stores = Stores { tables: Tables { orders }, queues };
    let mut module = stack.module(ModuleName::new("lambdas"));
    function(&mut module, &Shared { config }, &stores);
    stack.module(ModuleName::new("stepfunctions")).state_machine(
        resource!(
            /// The end of the order machine.
            "order"
        ),
        MachineSpec { timeout: DAY, log_retention: MONTH },
        announced(&stores).then(succeed("Stored")),
    );
    let (functions, waiting, dead) =
        (stack.functions(), stack.queues(), stack.dead_letter_queues());
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
    functions.iter().for_each(|it| module.watch(it, &topic));
    waiting.iter().for_each(|it| module.watch(it, &topic));
    dead.iter().for_each(|it| module.watch(it, &topic));
    stack.finish()
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
    let spec = QueueWithDeadLettersSpec {
        encryption: key.as_ref().map_or(Encryption::Aws, Encryption::Customer),
        visibility: VISIBILITY,
        retention: RETENTION,
        dead_letter_retention: DEAD_LETTER_RETENTION,
        max_receive_count: config.max_receive_count,
    };
    // guide: queue
    let (announcements, _) = module.queue_with_dead_letters(
        resource!(
            /// Orders that are stored and wait to be announced.
            "announcements"
        ),
        resource!(
            /// Orders that could not be announced after all attempts.
            "announcements_dlq"
        ),
        spec,
    );
    // end
    Queues { announcements }
}

fn function(module: &mut Module<'_>, shared: &Shared, Stores { tables, queues }: &Stores) {
    // guide: function
    let announce_order: Handle<Function<AnnounceOrder>> = module.function(
        resource!(
            /// Announces orders that are stored.
            "announce_order"
        ),
        shared.consumer(AnnounceOrderEnv {
            orders: tables.orders.access(),
            log_level: shared.log_level(),
        }),
    );
    module.on_messages(
        resource!(
            /// Feeds the announcements to announce_order.
            "announce_order"
        ),
        &queues.announcements,
        &announce_order,
        shared.batches(),
    );
    // end
}

/// A failed announcement does not undo the storing of the order.
#[allow(clippy::let_and_return, reason = "in DOFS, more follows on the name")]
fn announced(stores: &Stores) -> Flow<OrderStored, OrderStored> {
    // guide: state
    let unannounced = succeed("StoredUnannounced");
    let announced = send_message("AnnounceOrder", &stores.queues.announcements, CALL)
        .catching(|never| match never {}, leave(OrderStored::caught(), &unannounced));
    // end
    announced
}

/// As in `infra-gen/src/topology.rs`.
struct Shared {
    config: &'static Config,
}

impl Shared {
    fn consumer<C: Contract>(&self, env: <C::Env as EnvContract>::In<Wired>) -> FunctionSpec<C> {
        FunctionSpec {
            env,
            memory: self.config.memory,
            timeout: TIMEOUT,
            architecture: self.config.architecture,
            reserved_concurrency: self.config.fulfillment_concurrency,
            log_retention: self.config.log_retention,
            packages: PACKAGES,
        }
    }

    fn batches(&self) -> EventSourceSpec {
        EventSourceSpec {
            batch_size: self.config.batch_size,
            batch_window: self.config.batch_window,
            maximum_concurrency: self.config.queue_concurrency,
        }
    }

    fn log_level(&self) -> Wire<Setting<LogLevel>> {
        Wire::setting(self.config.log_level)
    }
}
