//! The order machine: it takes a submitted order to a stored one, with a route for every error.

use contracts::{
    domain::{OrderStatus, ValidationStatus},
    functions::OrderStorageError,
    order::{
        FailedOrder, FailedOrderAt, OrderGivenUp, OrderGivenUpAt, OrderRecord, OrderRecordAt,
        OrderSubmitted, OrderValidated,
    },
};
use function_contract::{
    kind::StateMachine,
    path::{Caught, Expr},
    time::EpochSeconds,
};

use super::{STEPFUNCTIONS, Stores, dynamodb::Tables, lambdas::Workers};
use infra_core::model::{
    Handle, Stack,
    flow::{
        Compared, Ended, Flow, Put, PutItemError, Retry, Same, TaskSpec, TransactError, When,
        choice, compare, condition_failed, either, fail, fail_with, get_item, invoke, leave, put,
        put_item, repeat, same, succeed, transact,
    },
    limits::{BackoffRate, MaxAttempts, MaxDelay, RetryInterval, StateTimeout, WaitSeconds},
    machine::MachineSpec,
};

use crate::{config::Config, resource};

/// The timeout of an execution. An order is stored within three minutes, or it fails. To write the record of the
/// failure, the execution waits up to a day for the end of an outage. Then it times out, which raises an alarm, and
/// `dofs resume` continues it.
const MACHINE_TIMEOUT: StateTimeout = StateTimeout::new(24 * 3600);

/// Retries of functions: throttling and crashes pass within a minute or two.
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

/// Retries of writing an order's record. Without the record no caller knows how the order ended, so the execution tries
/// until its timeout, a few times in each [`LATER`].
const RECORD: TaskSpec = TaskSpec {
    timeout: StateTimeout::new(15),
    heartbeat: None,
    retry: Retry {
        interval: RetryInterval::new(1),
        max_attempts: MaxAttempts::new(2),
        backoff: BackoffRate::hundredths(200),
        max_delay: MaxDelay::new(30),
    },
};

/// The wait between two series of attempts to write the record. It is less than the ten minutes for which DynamoDB
/// remembers the token of a transaction, so repeating a transaction whose answer was lost succeeds and writes nothing.
const LATER: WaitSeconds = WaitSeconds::new(540);

pub(super) fn order_machine(
    stack: &mut Stack,
    config: &Config,
    stores: &Stores,
    workers: &Workers,
) -> Handle<StateMachine<OrderSubmitted>> {
    let flow = order_flow(config, stores, workers);
    stack.module(STEPFUNCTIONS).state_machine(
        resource!(
            /// Takes a submitted order to the table and the queue. The execution's name is the
            /// order's id, so an order is taken once.
            "order"
        ),
        MachineSpec { timeout: MACHINE_TIMEOUT, log_retention: config.log_retention },
        flow,
    )
}

fn order_flow(config: &Config, stores: &Stores, workers: &Workers) -> Flow<OrderSubmitted, Ended> {
    let given_up = record_failure(&stores.tables);
    let rejected = record_rejection(config, &stores.tables);
    let stored = invoke("StoreOrder", &workers.order_storage, CALL)
        .catching(
            |error| match error {
                OrderStorageError::OrderConflict => leave(of_validated(), &conflict()),
            },
            leave(of_validated(), &given_up),
        )
        .then(succeed("Stored"));
    invoke("ValidateOrder", &workers.validator, CALL)
        .catching(|error| match error {}, leave(of_submitted(), &given_up))
        .then(either("ValidOrInvalid", stored, rejected))
}

/// The end for an id under which the table has another order, which stays as it is.
fn conflict() -> Flow<OrderGivenUp, Ended> {
    fail("OrderConflict", "another order is stored under this id; it stays as it is")
}

/// The attributes that a record has in common with its order. An id has one execution, which has one start time.
fn ours() -> [Same<OrderGivenUp, OrderRecord>; 3] {
    let (record, order) = (OrderRecord::at(), OrderGivenUp::at());
    [
        same(&record.customer_id, &order.customer_id),
        same(&record.product_id, &order.product_id),
        same(&record.created_at, &order.submitted_at),
    ]
}

/// The condition that the item is this order's record, with this status.
fn ours_that_is(status: OrderStatus) -> [Same<OrderGivenUp, OrderRecord>; 4] {
    let [customer, product, created] = ours();
    [same(&OrderRecord::at().status, &Expr::literal(status)), customer, product, created]
}

/// Records a rejected order. A rejection is a business outcome: clients can read it, and it raises no alarm. A repeat
/// writes the same record again.
fn record_rejection(config: &Config, tables: &Tables) -> Flow<OrderGivenUp, Ended> {
    let kept = config.rejected_kept.seconds();
    repeat(|again| {
        let (order, rejected) = (OrderGivenUp::at(), OrderStatus::Rejected);
        let expires_at = order.failed_at.clone().plus_seconds(kept).some();
        let record = record_of(order, rejected, expires_at);
        let later = again.after("RecordRejectionLater", LATER);
        let when = When::absent_or(&ours_that_is(rejected));
        put_item("RecordRejection", put(&tables.orders, record, when), RECORD)
            .catching(
                |error| match error {
                    PutItemError::ConditionalCheckFailed => leave(of_given_up(), &conflict()),
                },
                leave(of_given_up(), &later),
            )
            .then(succeed("Rejected"))
    })
}

/// Writes the failed order and the record of the failure in one transaction. An order that was decided in the meantime
/// stays as it is, and so does another order's record.
fn record_failure(tables: &Tables) -> Flow<OrderGivenUp, Ended> {
    let order = OrderGivenUp::at();
    repeat(|again| {
        let later = again.after("RecordFailureLater", LATER);
        // The error says that a condition failed, but not which record the table has.
        let whose_record = get_item("ReadRecord", &tables.orders, &order.order_id, &ours(), RECORD)
            .catching(|error| match error {}, leave(of_given_up(), &later))
            .then(compare(
                "WhoseRecord",
                &ours(),
                Compared {
                    absent: later.clone(),
                    same: succeed("AlreadyDecided"),
                    other: conflict(),
                },
            ));
        // Other reasons do not mean that there is a record: throttling or conflicts can outlast these attempts.
        let is_there = (condition_failed(&order.canceled), whose_record);
        let why_canceled = choice("WhyCanceled", vec![is_there], later.clone());
        transact("RecordFailure", &order.order_id, failure(tables), RECORD)
            .catching(
                |error| match error {
                    TransactError::TransactionCanceled => leave(
                        OrderGivenUpAt { canceled: Expr::error_cause().some(), ..of_given_up() },
                        &why_canceled,
                    ),
                },
                leave(of_given_up(), &later),
            )
            .then(fail_with("OrderFailed", &order.error, &order.cause.clone().into_text()))
    })
}

/// The writes for a failed order, with the reason. Their conditions protect a decided order, and another order's
/// record.
fn failure(tables: &Tables) -> [Put<OrderGivenUp>; 2] {
    let order = OrderGivenUp::at();
    let record = record_of(OrderGivenUp::at(), OrderStatus::Failed, Expr::none());
    let reason: FailedOrderAt<OrderGivenUp> = FailedOrderAt {
        order_id: order.order_id.into_text(),
        original_timestamp: order.submitted_at.some(),
        failed_timestamp: order.failed_at,
        receive_count: Expr::literal(0),
        failure_reason: order.error,
        error_message: order.cause.some(),
        raw_body: Expr::none(),
    };
    let undecided = When::absent_or(&ours_that_is(OrderStatus::Processing));
    [
        put(&tables.orders, record, undecided),
        put::<_, FailedOrder>(&tables.failed_orders, reason, When::always()),
    ]
}

/// The record of a rejected or failed order.
fn record_of(
    order: OrderGivenUpAt<OrderGivenUp>,
    status: OrderStatus,
    expires_at: Expr<OrderGivenUp, Option<EpochSeconds>>,
) -> OrderRecordAt<OrderGivenUp> {
    OrderRecordAt {
        order_id: order.order_id,
        customer_id: order.customer_id,
        product_id: order.product_id,
        quantity: order.quantity,
        price: order.price,
        total_amount: order.total_amount,
        status: Expr::literal(status),
        created_at: order.submitted_at,
        updated_at: order.failed_at.clone(),
        validation_status: order.validation_status,
        metadata: order.metadata,
        fulfillment_details: Expr::none(),
        failure_reason: order.error.some(),
        failure_timestamp: order.failed_at.some(),
        error_message: order.cause.some(),
        expires_at,
        round: Expr::literal(0),
        dead_letter: Expr::none(),
    }
}

fn of_submitted() -> OrderGivenUpAt<Caught<OrderSubmitted>> {
    let order = OrderSubmitted::caught();
    OrderGivenUpAt {
        order_id: order.order_id,
        customer_id: order.customer_id,
        product_id: order.product_id,
        quantity: order.quantity,
        price: order.price,
        total_amount: Expr::none(),
        validation_status: Expr::literal(ValidationStatus::Unknown),
        metadata: order.metadata,
        submitted_at: order.submitted_at,
        failed_at: Expr::now(),
        error: Expr::error_name(),
        cause: Expr::error_cause(),
        canceled: Expr::none(),
    }
}

fn of_validated() -> OrderGivenUpAt<Caught<OrderValidated>> {
    let order = OrderValidated::caught();
    OrderGivenUpAt {
        order_id: order.order_id,
        customer_id: order.customer_id.into_written(),
        product_id: order.product_id.into_written(),
        quantity: order.quantity.into_number(),
        price: order.price.into_number(),
        total_amount: order.total_amount.some(),
        validation_status: Expr::literal(ValidationStatus::Valid),
        metadata: order.metadata,
        submitted_at: order.submitted_at,
        failed_at: Expr::now(),
        error: Expr::error_name(),
        cause: Expr::error_cause(),
        canceled: Expr::none(),
    }
}

/// The unchanged input of a state that writes a record, because the first error is the one that counts. No transaction
/// was canceled before.
fn of_given_up() -> OrderGivenUpAt<Caught<OrderGivenUp>> {
    OrderGivenUpAt { canceled: Expr::none(), ..OrderGivenUp::caught() }
}
