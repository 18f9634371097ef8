//! The functions, and the event source and the schedule of those that run asynchronously.

use contracts::{
    functions::{
        ApiHandler, ApiHandlerEnv, FulfillOrder, FulfillOrderEnv, OrderStorage, OrderStorageEnv,
        ReconcileOrders, ReconcileOrdersEnv, Validator, ValidatorEnv,
    },
    order::OrderSubmitted,
};
use function_contract::{
    env::EnvContract,
    functions::Listed,
    kind::{Function, StateMachine},
};

use super::{LAMBDAS, Shared, Stores};
use infra_core::model::{
    Handle, Stack, Wire, Wired,
    expr::RootVariable,
    function::FunctionSpec,
    limits::{FunctionTimeout, MemoryMb},
    trigger::{EventSourceSpec, Scheduled},
};

use crate::resource;

/// The folder of the zips. Terraform reads them when it plans.
pub(super) const PACKAGES: RootVariable = RootVariable::packages("../../target/lambda");

/// Less than the 29 seconds of API Gateway's timeout, and far more than an answer or a state usually takes.
const TIMEOUT: FunctionTimeout = FunctionTimeout::new(10);
/// A sixth of the order queue's visibility timeout.
const BATCH_TIMEOUT: FunctionTimeout = FunctionTimeout::new(30);
/// Shorter than the time between two ticks.
const RECONCILE_TIMEOUT: FunctionTimeout = FunctionTimeout::new(60);
/// The validator calls nothing.
const SMALL: MemoryMb = MemoryMb::new(128);

pub(super) struct Workers {
    pub(super) validator: Handle<Function<Validator>>,
    pub(super) order_storage: Handle<Function<OrderStorage>>,
    pub(super) reconcile_schedule: Scheduled,
}

/// The functions that work behind the API.
pub(super) fn workers(
    stack: &mut Stack,
    shared: &Shared,
    Stores { tables, queues }: &Stores,
) -> Workers {
    let config = shared.config;
    let mut module = stack.module(LAMBDAS);

    let validator = module.function(
        resource!(
            /// Judges an order by the rules of the business.
            "validator"
        ),
        FunctionSpec {
            memory: SMALL,
            ..shared.function(ValidatorEnv {
                log_level: shared.log_level(),
                metrics_namespace: shared.metrics.setting(),
            })
        },
    );
    let order_storage = module.function(
        resource!(
            /// Stores an order and puts it on the queue.
            "order_storage"
        ),
        shared.function(OrderStorageEnv {
            orders: tables.orders.access(),
            queue: queues.orders.access(),
            log_level: shared.log_level(),
        }),
    );
    let fulfill_order: Handle<Function<FulfillOrder>> = module.function(
        resource!(
            /// Fulfils the orders on the queue, or fails them with a record.
            "fulfill_order"
        ),
        shared.consumer(FulfillOrderEnv {
            orders: tables.orders.access(),
            failed_orders: tables.failed_orders.access(),
            queue: queues.orders.access(),
            fulfillment_rate: Wire::setting(config.fulfillment_rate),
            log_level: shared.log_level(),
            metrics_namespace: shared.metrics.setting(),
        }),
    );
    module.on_messages(
        resource!(
            /// Feeds the order queue to fulfill_order, so many instances at once that none is
            /// throttled. A message that fails does not take its neighbours back with it.
            "fulfill_order"
        ),
        &queues.orders,
        &fulfill_order,
        shared.batches(),
    );
    let reconcile_orders: Handle<Function<ReconcileOrders>> = module.function(
        resource!(
            /// Closes orders that stay undecided.
            "reconcile_orders"
        ),
        FunctionSpec {
            timeout: RECONCILE_TIMEOUT,
            ..shared.function(ReconcileOrdersEnv {
                orders: tables.orders.access(),
                failed_orders: tables.failed_orders.access(),
                processing_deadline: Wire::setting(config.processing_deadline),
                log_level: shared.log_level(),
                metrics_namespace: shared.metrics.setting(),
            })
        },
    );
    let reconcile_schedule = module.on_schedule(
        resource!(
            /// Looks for orders past their deadline, every few minutes.
            "reconcile_schedule"
        ),
        config.reconcile,
        &reconcile_orders,
    );
    Workers { validator, order_storage, reconcile_schedule }
}

/// The function of the API. It starts the state machine, so it is added after it.
pub(super) fn api_handler(
    stack: &mut Stack,
    shared: &Shared,
    Stores { tables, .. }: &Stores,
    machine: &Handle<StateMachine<OrderSubmitted>>,
) -> Handle<Function<ApiHandler>> {
    let config = shared.config;
    stack.module(LAMBDAS).function(
        resource!(
            /// Takes orders over HTTP, and reports their status.
            "api_handler"
        ),
        FunctionSpec {
            reserved_concurrency: config.api_concurrency,
            ..shared.function(ApiHandlerEnv {
                order_machine: machine.access(),
                orders: tables.orders.access(),
                cors_origin: Wire::setting(config.origin.as_str().to_owned()),
                log_level: shared.log_level(),
                metrics_namespace: shared.metrics.setting(),
            })
        },
    )
}

impl Shared {
    /// The configuration of a function. A function that needs another timeout, size or concurrency sets it.
    fn function<C: Listed>(&self, env: <C::Env as EnvContract>::In<Wired>) -> FunctionSpec<C> {
        FunctionSpec {
            env,
            memory: self.config.memory,
            timeout: TIMEOUT,
            architecture: self.config.architecture,
            reserved_concurrency: None,
            log_retention: self.config.log_retention,
            packages: self.packages,
        }
    }

    /// The configuration of a function that takes messages from a queue.
    fn consumer<C: Listed>(&self, env: <C::Env as EnvContract>::In<Wired>) -> FunctionSpec<C> {
        FunctionSpec {
            timeout: BATCH_TIMEOUT,
            reserved_concurrency: self.config.fulfillment_concurrency,
            ..self.function(env)
        }
    }

    /// How a function gets messages.
    fn batches(&self) -> EventSourceSpec {
        EventSourceSpec {
            batch_size: self.config.batch_size,
            batch_window: self.config.batch_window,
            maximum_concurrency: self.config.queue_concurrency,
        }
    }

    fn log_level(
        &self,
    ) -> Wire<function_contract::setting::Setting<function_contract::setting::LogLevel>> {
        Wire::setting(self.config.log_level)
    }
}
