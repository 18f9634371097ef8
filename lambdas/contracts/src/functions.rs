//! The five functions of DOFS: what each takes, answers, needs and may raise.

use crate::{
    env::Access,
    env_contract,
    error::NoError,
    error_names,
    event::{ApiRequest, ApiResponse, SqsBatchResponse, SqsEvent, Tick},
    kind::{
        ChangeMessageVisibility, DeleteItem, DescribeExecution, GetItem, PutItem, QueryIndex,
        Queue, SendMessage, StartExecution, StateMachine, Table, UpdateItem,
    },
    order::{
        ByStatus, FailedOrder, OrderAccepted, OrderJudged, OrderRecord, OrderStored,
        OrderSubmitted, OrderValidated,
    },
    setting::{LogLevel, Minutes, Percent, Setting},
};

/// Defines a function's contract: the binary, what it takes and answers, raises and reads.
#[macro_export]
macro_rules! contract {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident = $bin:literal:
        $input:ty => $output:ty, raises $error:ty, reads $env:ty
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl $crate::Contract for $name {
            const BIN: &'static str = $bin;
            const DOC: &'static str = concat!($($doc),*);
            type Input = $input;
            type Output = $output;
            type Error = $error;
            type Env = $env;
        }
    };
}

contract! {
    /// Takes orders over HTTP, starts the order machine, and tells where an order stands.
    pub enum ApiHandler = "api_handler":
    ApiRequest => ApiResponse, raises NoError, reads ApiHandlerEnv
}

env_contract! {
    /// Environment of [`ApiHandler`].
    pub struct ApiHandlerEnv {
        /// Started for each order; described while the table does not have the order yet.
        ORDER_MACHINE_ARN => order_machine:
            Access<StateMachine<OrderSubmitted>, (StartExecution, DescribeExecution)>,
        /// Where an order stands.
        ORDERS_TABLE => orders: Access<Table<OrderRecord>, GetItem>,
        /// The origin that browsers may call from.
        CORS_ORIGIN => cors_origin: Setting<String>,
        /// How much to log.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// Where order metrics go.
        METRICS_NAMESPACE => metrics_namespace: Setting<String>,
    }
}

contract! {
    /// Judges an order by the rules of the business, naming every rule that is broken.
    pub enum Validator = "validator":
    OrderSubmitted => OrderJudged, raises NoError, reads ValidatorEnv
}

env_contract! {
    /// Environment of [`Validator`].
    pub struct ValidatorEnv {
        /// How much to log.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// Where order metrics go.
        METRICS_NAMESPACE => metrics_namespace: Setting<String>,
    }
}

contract! {
    /// Stores a valid order as PROCESSING and puts it on the order queue. Safe to repeat.
    pub enum OrderStorage = "order_storage":
    OrderValidated => OrderStored, raises OrderStorageError, reads OrderStorageEnv
}

error_names! {
    /// What [`OrderStorage`] raises on purpose.
    pub enum OrderStorageError {
        /// Another order is stored under the same id.
        OrderConflict,
    }
}

env_contract! {
    /// Environment of [`OrderStorage`].
    pub struct OrderStorageEnv {
        /// Takes the record; read again where a repeat finds it there.
        ORDERS_TABLE => orders: Access<Table<OrderRecord>, (PutItem, GetItem)>,
        /// Takes the message that the order is to be fulfilled.
        ORDER_QUEUE_URL => queue: Access<Queue<OrderAccepted>, SendMessage>,
        /// How much to log.
        LOG_LEVEL => log_level: Setting<LogLevel>,
    }
}

contract! {
    /// Fulfils orders off the queue, or fails them with a record that says why.
    pub enum FulfillOrder = "fulfill_order":
    SqsEvent<OrderAccepted> => SqsBatchResponse, raises NoError, reads FulfillOrderEnv
}

env_contract! {
    /// Environment of [`FulfillOrder`].
    pub struct FulfillOrderEnv {
        /// Read, and closed as FULFILLED or FAILED.
        ORDERS_TABLE => orders: Access<Table<OrderRecord>, (GetItem, UpdateItem)>,
        /// Takes the record that says why; loses it where a later round is fulfilled.
        FAILED_ORDERS_TABLE => failed_orders: Access<Table<FailedOrder>, (PutItem, DeleteItem)>,
        /// Where a message that failed goes back to, for a while.
        ORDER_QUEUE_URL => queue: Access<Queue<OrderAccepted>, ChangeMessageVisibility>,
        /// The share of orders that can be fulfilled.
        FULFILLMENT_RATE => fulfillment_rate: Setting<Percent>,
        /// How much to log.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// Where order metrics go.
        METRICS_NAMESPACE => metrics_namespace: Setting<String>,
    }
}

contract! {
    /// Closes orders that are still PROCESSING past their deadline.
    pub enum ReconcileOrders = "reconcile_orders":
    Tick => (), raises NoError, reads ReconcileOrdersEnv
}

env_contract! {
    /// Environment of [`ReconcileOrders`].
    pub struct ReconcileOrdersEnv {
        /// Searched by status, read, and closed.
        ORDERS_TABLE => orders:
            Access<Table<OrderRecord>, (QueryIndex<ByStatus>, GetItem, UpdateItem)>,
        /// Takes the record that says why.
        FAILED_ORDERS_TABLE => failed_orders: Access<Table<FailedOrder>, PutItem>,
        /// How long an order may be PROCESSING.
        PROCESSING_DEADLINE_MINUTES => processing_deadline: Setting<Minutes>,
        /// How much to log.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// Where order metrics go.
        METRICS_NAMESPACE => metrics_namespace: Setting<String>,
    }
}
