//! The contracts of the functions of DOFS: input, output, environment and errors.

use function_contract::{
    contract,
    env::Access,
    env_contract,
    error::NoError,
    error_names,
    event::{ApiRequest, ApiResponse, SqsBatchResponse, SqsEvent, Tick},
    functions,
    kind::{
        ChangeMessageVisibility, DeleteItem, DescribeExecution, GetItem, PutItem, QueryIndex,
        Queue, SendMessage, StartExecution, StateMachine, Table, UpdateItem,
    },
    setting::{LogLevel, MetricNamespace, Minutes, Percent, Setting},
};

use crate::{
    api::OrderApi,
    order::{
        ByStatus, FailedOrder, OrderAccepted, OrderJudged, OrderRecord, OrderStored,
        OrderSubmitted, OrderValidated,
    },
};

functions! {
    /// The functions of DOFS, the smallest first. Packages, local runs, tests and builds follow from this list.
    pub enum FunctionName {
        Validator,
        OrderStorage,
        ReconcileOrders,
        FulfillOrder,
        ApiHandler,
    }
}

contract! {
    /// Takes orders over HTTP, starts the order machine, and reports the status of an order.
    pub enum ApiHandler = "api_handler":
    ApiRequest<OrderApi> => ApiResponse, raises NoError, reads ApiHandlerEnv
}

env_contract! {
    /// Environment of [`ApiHandler`].
    pub struct ApiHandlerEnv {
        /// Started for each order. Its execution is described if the table does not have the order yet.
        ORDER_MACHINE_ARN => order_machine:
            Access<StateMachine<OrderSubmitted>, (StartExecution, DescribeExecution)>,
        /// Read for the status of an order.
        ORDERS_TABLE => orders: Access<Table<OrderRecord>, GetItem>,
        /// The origin from which browsers may call the API.
        CORS_ORIGIN => cors_origin: Setting<String>,
        /// The log level.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// The CloudWatch namespace of the order metrics.
        METRICS_NAMESPACE => metrics_namespace: Setting<MetricNamespace>,
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
        /// The log level.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// The CloudWatch namespace of the order metrics.
        METRICS_NAMESPACE => metrics_namespace: Setting<MetricNamespace>,
    }
}

contract! {
    /// Stores a valid order as PROCESSING and puts it on the order queue. Safe to repeat.
    pub enum OrderStorage = "order_storage":
    OrderValidated => OrderStored, raises OrderStorageError, reads OrderStorageEnv
}

error_names! {
    /// The errors that [`OrderStorage`] raises on purpose.
    pub enum OrderStorageError {
        /// Another order is stored under the same id.
        OrderConflict,
    }
}

env_contract! {
    /// Environment of [`OrderStorage`].
    pub struct OrderStorageEnv {
        /// Gets the order's record. If the record exists already, the function reads it.
        ORDERS_TABLE => orders: Access<Table<OrderRecord>, (PutItem, GetItem)>,
        /// Gets the message by which `fulfill_order` fulfils the order.
        ORDER_QUEUE_URL => queue: Access<Queue<OrderAccepted>, SendMessage>,
        /// The log level.
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
        /// The order's record is read, and updated to FULFILLED or FAILED.
        ORDERS_TABLE => orders: Access<Table<OrderRecord>, (GetItem, UpdateItem)>,
        /// Gets a record with the reason of a failure. It is deleted if a later round fulfils the order.
        FAILED_ORDERS_TABLE => failed_orders: Access<Table<FailedOrder>, (PutItem, DeleteItem)>,
        /// The queue of the messages. A failed message stays hidden in it until the next delivery.
        ORDER_QUEUE_URL => queue: Access<Queue<OrderAccepted>, ChangeMessageVisibility>,
        /// The share of orders that can be fulfilled.
        FULFILLMENT_RATE => fulfillment_rate: Setting<Percent>,
        /// The log level.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// The CloudWatch namespace of the order metrics.
        METRICS_NAMESPACE => metrics_namespace: Setting<MetricNamespace>,
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
        /// Searched by status. The records are read and updated to FAILED.
        ORDERS_TABLE => orders:
            Access<Table<OrderRecord>, (QueryIndex<ByStatus>, GetItem, UpdateItem)>,
        /// Gets a record with the reason of the failure.
        FAILED_ORDERS_TABLE => failed_orders: Access<Table<FailedOrder>, PutItem>,
        /// The longest time that an order may be PROCESSING.
        PROCESSING_DEADLINE_MINUTES => processing_deadline: Setting<Minutes>,
        /// The log level.
        LOG_LEVEL => log_level: Setting<LogLevel>,
        /// The CloudWatch namespace of the order metrics.
        METRICS_NAMESPACE => metrics_namespace: Setting<MetricNamespace>,
    }
}
