//! Who is told when, and what they see.

mod chance;

use contracts::{
    Contract,
    functions::ApiHandler,
    kind::{Function, StateMachine, Table},
    metric::{MessageMetric, OrderMetric},
    order::OrderSubmitted,
};

use super::{
    MONITORING, Shared,
    dynamodb::{KEY_DELETION_WINDOW, Tables},
    lambdas::Workers,
    sqs::Queues,
};
use crate::{
    model::{
        Handle, Module, Stack,
        alarm::{AlarmSpec, Signal, Statistic},
        dashboard::{Row, Widget},
        integration::Integration,
        limits::{EvaluationPeriods, Period},
        metric::{ApiMetric, FunctionMetric, MachineMetric, Metric, QueueMetric, TableMetric},
        refactor::{At, Fate},
        rest_api::RestApi,
        topic::AlarmTopic,
    },
    resource,
};

/// Everything that is watched.
pub(super) struct Watched {
    pub(super) tables: Tables,
    pub(super) queues: Queues,
    pub(super) workers: Workers,
    pub(super) machine: Handle<StateMachine<OrderSubmitted>>,
    pub(super) api_handler: Handle<Function<ApiHandler>>,
    pub(super) api: Handle<RestApi>,
}

const DLQ_DEPTH: At = MONITORING.at("aws_cloudwatch_metric_alarm.dlq_depth");

const MINUTE: Period = Period::seconds(60);
const QUARTER: Period = Period::seconds(900);
/// Whatever moment it begins at, an order that waits for its record tries to be recorded in it.
const ROUND: Period = Period::seconds(600);
const ONE: EvaluationPeriods = EvaluationPeriods::new(1);
const TWO: EvaluationPeriods = EvaluationPeriods::new(2);
const THREE: EvaluationPeriods = EvaluationPeriods::new(3);
const FIVE: EvaluationPeriods = EvaluationPeriods::new(5);

/// An order waits seconds. Five minutes mean that nobody takes them.
const OLD_MESSAGE_SECONDS: f64 = 300.0;
/// A share of the timeout: above it, a slow day becomes a time-out.
const SLOW_SHARE: f64 = 0.8;
const MOST_SERVER_ERRORS: f64 = 0.01;
const MOST_CLIENT_ERRORS: f64 = 0.5;
/// With fewer requests in a minute, one client's mistakes would be most of them.
const FEWEST_REQUESTS: u32 = 20;
const SLOW_ANSWER_MS: f64 = 2000.0;
/// `orders_failed` fires where so much of the share that is meant to be fulfilled fails instead: where
/// 70 % are meant to be fulfilled, at 0.3 + 0.3 * 0.7 = 51 % failed.
const FAILED_INSTEAD: f64 = 0.3;

pub(super) fn monitoring(stack: &mut Stack, shared: &Shared, on: &Watched) {
    let mut module = stack.module(MONITORING);
    let key = module.key(
        resource!(
            /// Encrypts the alarms' topic. It must be a key of ours: with the AWS-managed one,
            /// alarms could not publish, without an error.
            "alarms"
        ),
        KEY_DELETION_WINDOW,
    );
    let topic = module.alarm_topic(
        resource!(
            /// Where all alarms go.
            "alarms"
        ),
        &key,
        shared.config.alarm_emails,
    );
    order_alarms(&mut module, shared, &topic);
    queue_alarms(&mut module, shared, on, &topic);
    machine_alarms(&mut module, on, &topic);
    record_alarm(&mut module, &topic);
    api_alarms(&mut module, on, &topic);
    table_alarms(&mut module, &on.tables.orders, &topic);
    table_alarms(&mut module, &on.tables.failed_orders, &topic);
    function_alarms(&mut module, &on.api_handler, &topic);
    function_alarms(&mut module, &on.workers.validator, &topic);
    function_alarms(&mut module, &on.workers.order_storage, &topic);
    function_alarms(&mut module, &on.workers.fulfill_order, &topic);
    function_alarms(&mut module, &on.workers.reconcile_orders, &topic);
    module.heartbeat(
        resource!(
            /// reconcile_orders was not called for two intervals of its schedule. Until it is, undecided
            /// orders stay PROCESSING. See whether the schedule reconcile_schedule is
            /// enabled and its role may invoke the function, and whether the function is throttled.
            "reconcile_orders_silent"
        ),
        &on.workers.reconcile_schedule,
        &topic,
    );
    module.dashboard(
        resource!(
            /// One row for each module.
            "dofs"
        ),
        rows(shared, on),
    );
    // It fired on every order that failed by design.
    stack.removed(DLQ_DEPTH, Fate::Destroyed);
    stack.output("alarm_topic", "The ARN of the topic that all alarms go to.", &topic.arn());
}

/// An alarm as soon as there is one in a minute.
fn any(metric: Metric, notify: &Handle<AlarmTopic>) -> AlarmSpec<'_> {
    let signal = Signal::Of(metric, Statistic::Sum);
    AlarmSpec { signal, above: 0.0, period: MINUTE, periods: ONE, breaching: ONE, notify }
}

/// An alarm where three of five minutes are above.
fn lasting(
    metric: Metric,
    statistic: Statistic,
    above: f64,
    notify: &Handle<AlarmTopic>,
) -> AlarmSpec<'_> {
    let signal = Signal::Of(metric, statistic);
    AlarmSpec { signal, above, period: MINUTE, periods: FIVE, breaching: THREE, notify }
}

fn order_alarms(module: &mut Module<'_>, shared: &Shared, topic: &Handle<AlarmTopic>) {
    let meant = f64::from(shared.config.fulfillment_rate.get()) / 100.0;
    let above = ((1.0 - meant + FAILED_INSTEAD * meant) * 100.0).round() / 100.0;
    module.alarm(
        resource!(
            /// More orders fail than are meant to. Look at failure_reason in the newest items of
            /// failed_orders, and at the log of fulfill_order; put the messages back once the cause
            /// is gone, by `dofs redrive`.
            "orders_failed"
        ),
        AlarmSpec {
            signal: Signal::Share {
                part: shared.metrics.metric(OrderMetric::OrdersFailed),
                rest: shared.metrics.metric(OrderMetric::OrdersFulfilled),
                at_least: chance::enough(1.0 - meant, above),
            },
            above,
            period: QUARTER,
            periods: ONE,
            breaching: ONE,
            notify: topic,
        },
    );
    module.alarm(
        resource!(
            /// Orders were still PROCESSING past their deadline, and were closed as FAILED. Look for
            /// the order ids in the log of reconcile_orders, then follow one through the log of
            /// fulfill_order.
            "orders_stuck"
        ),
        any(shared.metrics.metric(OrderMetric::OrdersStuck), topic),
    );
    module.alarm(
        resource!(
            /// Callers were answered 503, since Step Functions throttled StartExecution or DescribeExecution.
            /// Callers ask for orders that wait for their record (see orders_unrecorded) or do not exist, or
            /// something else in the account uses the quota as well. Where it lasts, lower the API's rate, or
            /// have the quota raised.
            "calls_throttled"
        ),
        any(shared.metrics.metric(OrderMetric::CallsThrottled), topic),
    );
}

/// Dead letters themselves wake nobody: orders fail by design, and each of them leaves one. What a fault
/// leaves among them is counted here, or found by `orders_stuck`.
fn queue_alarms(
    module: &mut Module<'_>,
    shared: &Shared,
    on: &Watched,
    topic: &Handle<AlarmTopic>,
) {
    module.alarm(
        resource!(
            /// A message on the order queue cannot be handled. Its item in failed_orders, message-<id>, has the
            /// message and the reason. UnreadableOrder: this version cannot read the order's record, as after a
            /// rollback; put the message back by `dofs redrive` once a version is deployed that can. Otherwise
            /// the message itself cannot be read or leads to no order: find out who sent it, since only order_storage
            /// should. It goes on to the dead letters.
            "messages_unreadable"
        ),
        any(shared.messages.metric(MessageMetric::MessagesUnreadable), topic),
    );
    module.alarm(
        resource!(
            /// For minutes, messages went back to the queue, since a service did not do its part. The log
            /// of fulfill_order names the service. A message that goes back too often becomes a dead letter,
            /// and reconcile_orders closes its order as FAILED: put it back by `dofs redrive` once the
            /// service is well again.
            "deliveries_faulted"
        ),
        lasting(
            shared.messages.metric(MessageMetric::DeliveriesFaulted),
            Statistic::Sum,
            0.0,
            topic,
        ),
    );
    module.alarm(
        resource!(
            /// Orders wait too long. See whether fulfill_order runs, is throttled or fails; raise
            /// its concurrency where there are simply many orders.
            "queue_age"
        ),
        lasting(
            on.queues.orders.metric(QueueMetric::ApproximateAgeOfOldestMessage),
            Statistic::Maximum,
            OLD_MESSAGE_SECONDS,
            topic,
        ),
    );
}

fn machine_alarms(module: &mut Module<'_>, on: &Watched, topic: &Handle<AlarmTopic>) {
    module.alarm(
        resource!(
            /// An execution failed: an order could not be stored. Open the failed execution: its
            /// name is the order's id, its error says why. Where it ended in OrderFailed, the order's record says
            /// the same; place the order again, since most often no message of it was sent. Where it ended in another
            /// state than OrderFailed or OrderConflict, run `dofs resume`.
            "executions_failed"
        ),
        any(on.machine.metric(MachineMetric::ExecutionsFailed), topic),
    );
    module.alarm(
        resource!(
            /// An execution took longer than a day, most often since it could not write to DynamoDB how its
            /// order ended. Its name is the order's id; its history names the error. Once that is mended, run
            /// `dofs resume`: it lists the orders without a record, and redrives their executions, for 14 days. An
            /// order with a record is closed by reconcile_orders.
            "executions_timed_out"
        ),
        any(on.machine.metric(MachineMetric::ExecutionsTimedOut), topic),
    );
    module.alarm(
        resource!(
            /// Orders wait between two states, since the executions of the account enter more states than its
            /// quota allows. Nothing is lost. In an outage of DynamoDB (see orders_unrecorded), attempts and rounds
            /// of the orders that wait use it up. Where it lasts otherwise, lower the API's rate, or have the
            /// quota StateTransition of Step Functions raised.
            "executions_throttled"
        ),
        lasting(on.machine.metric(MachineMetric::ExecutionThrottled), Statistic::Sum, 0.0, topic),
    );
}

/// Orders wait in the machine while DynamoDB does not take how they ended. A function that fails has an alarm of its own.
fn record_alarm(module: &mut Module<'_>, topic: &Handle<AlarmTopic>) {
    let calls = module
        .failed_calls(&[Integration::DynamoDbPutItem, Integration::DynamoDbTransactWriteItems]);
    module.alarm(
        resource!(
            /// For twenty minutes, state machines of this account could not write to DynamoDB. Orders that failed or
            /// were rejected wait in RecordFailureLater or RecordRejectionLater of the order machine, for a day at most, and have no
            /// record until then. An execution that waits there names the error in its history: an outage
            /// passes; a right, a key or a table that is missing has to be mended.
            "orders_unrecorded"
        ),
        AlarmSpec {
            signal: Signal::Total(calls),
            above: 0.0,
            period: ROUND,
            periods: TWO,
            breaching: TWO,
            notify: topic,
        },
    );
}

fn api_alarms(module: &mut Module<'_>, on: &Watched, topic: &Handle<AlarmTopic>) {
    module.alarm(
        resource!(
            /// The API answers with server errors. The access log has the request ids; look them up
            /// in the log of api_handler.
            "api_5xx"
        ),
        lasting(
            on.api.metric(ApiMetric::ServerErrors),
            Statistic::Average,
            MOST_SERVER_ERRORS,
            topic,
        ),
    );
    module.alarm(
        resource!(
            /// Most requests are refused, of twenty or more in a minute. The access log has the route and
            /// the status: a wrong deployment, a client that changed, or a scan.
            "api_4xx"
        ),
        AlarmSpec {
            signal: Signal::PartOf {
                part: on.api.metric(ApiMetric::ClientErrors),
                all: on.api.metric(ApiMetric::Count),
                at_least: FEWEST_REQUESTS,
            },
            above: MOST_CLIENT_ERRORS,
            period: MINUTE,
            periods: FIVE,
            breaching: THREE,
            notify: topic,
        },
    );
    module.alarm(
        resource!(
            /// The API is slow. The access log splits the time into ours and API Gateway's; the
            /// trace splits ours into the function's start and its work.
            "api_latency"
        ),
        lasting(on.api.metric(ApiMetric::Latency), Statistic::P99, SLOW_ANSWER_MS, topic),
    );
}

fn table_alarms<I: 'static>(
    module: &mut Module<'_>,
    table: &Handle<Table<I>>,
    topic: &Handle<AlarmTopic>,
) {
    let signal = Signal::Total(table.throttles());
    let name = table.address().name();
    let doc = format!(
        "DynamoDB refuses calls to {name}, or to an index of it. On demand it grows by itself within \
         minutes; where it lasts, look for one key of the table or of the index that takes all the calls."
    );
    let spec = AlarmSpec {
        signal,
        above: 0.0,
        period: MINUTE,
        periods: FIVE,
        breaching: THREE,
        notify: topic,
    };
    module.named_alarm(&format!("{name}_throttles"), doc, spec);
}

fn function_alarms<C: Contract>(
    module: &mut Module<'_>,
    function: &Handle<Function<C>>,
    topic: &Handle<AlarmTopic>,
) {
    let name = function.address().name();
    module.named_alarm(
        &format!("{name}_errors"),
        format!(
            "{name} ended in errors. Its log group has them with order id and trace id; what may \
             pass is tried again by its caller."
        ),
        any(function.metric(FunctionMetric::Errors), topic),
    );
    module.named_alarm(
        &format!("{name}_throttles"),
        format!(
            "{name} was refused for want of concurrency. Raise what is reserved for it, or the \
             account's share."
        ),
        any(function.metric(FunctionMetric::Throttles), topic),
    );
    let slow = f64::from(function.timeout().get()) * 1000.0 * SLOW_SHARE;
    module.named_alarm(
        &format!("{name}_duration"),
        format!(
            "{name} comes close to its timeout of {} s. Its traces split the time into start and work; \
             its log names a service that did not answer in time.",
            function.timeout().get()
        ),
        lasting(function.metric(FunctionMetric::Duration), Statistic::P99, slow, topic),
    );
}

fn rows(shared: &Shared, on: &Watched) -> Vec<Row> {
    let sum = |metric: Metric| (metric, Statistic::Sum);
    let orders = OrderMetric::ALL.iter().map(|it| sum(shared.metrics.metric(*it))).collect();
    let messages = MessageMetric::ALL.iter().map(|it| sum(shared.messages.metric(*it))).collect();
    let widget = |title: &str, metrics| Widget { title: title.to_owned(), metrics };
    let functions = |metric, statistic| {
        vec![
            (on.api_handler.metric(metric), statistic),
            (on.workers.validator.metric(metric), statistic),
            (on.workers.order_storage.metric(metric), statistic),
            (on.workers.fulfill_order.metric(metric), statistic),
            (on.workers.reconcile_orders.metric(metric), statistic),
        ]
    };
    let api = |metric, statistic| (on.api.metric(metric), statistic);
    let queue = |metric| (on.queues.orders.metric(metric), Statistic::Maximum);
    let dead = |metric| (on.queues.dead_letters.metric(metric), Statistic::Maximum);
    let table = |metric| {
        vec![sum(on.tables.orders.metric(metric)), sum(on.tables.failed_orders.metric(metric))]
    };
    vec![
        Row {
            title: "Orders",
            widgets: vec![widget("Orders", orders), widget("Messages in trouble", messages)],
        },
        Row {
            title: "api_gateway",
            widgets: vec![
                widget("Requests", vec![api(ApiMetric::Count, Statistic::Sum)]),
                widget(
                    "Share of errors",
                    vec![
                        api(ApiMetric::ClientErrors, Statistic::Average),
                        api(ApiMetric::ServerErrors, Statistic::Average),
                    ],
                ),
                widget("Latency p99", vec![api(ApiMetric::Latency, Statistic::P99)]),
            ],
        },
        Row {
            title: "stepfunctions",
            widgets: vec![
                widget(
                    "Executions",
                    vec![
                        sum(on.machine.metric(MachineMetric::ExecutionsStarted)),
                        sum(on.machine.metric(MachineMetric::ExecutionsSucceeded)),
                        sum(on.machine.metric(MachineMetric::ExecutionsFailed)),
                        sum(on.machine.metric(MachineMetric::ExecutionsTimedOut)),
                    ],
                ),
                widget(
                    "Time p99",
                    vec![(on.machine.metric(MachineMetric::ExecutionTime), Statistic::P99)],
                ),
            ],
        },
        Row {
            title: "lambdas",
            widgets: vec![
                widget("Calls", functions(FunctionMetric::Invocations, Statistic::Sum)),
                widget("Errors", functions(FunctionMetric::Errors, Statistic::Sum)),
                widget("Throttles", functions(FunctionMetric::Throttles, Statistic::Sum)),
                widget("Duration p99", functions(FunctionMetric::Duration, Statistic::P99)),
            ],
        },
        Row {
            title: "sqs",
            widgets: vec![
                widget(
                    "Messages",
                    vec![
                        queue(QueueMetric::ApproximateNumberOfMessagesVisible),
                        queue(QueueMetric::ApproximateNumberOfMessagesNotVisible),
                    ],
                ),
                widget("Oldest message", vec![queue(QueueMetric::ApproximateAgeOfOldestMessage)]),
                widget("Dead letters", vec![dead(QueueMetric::ApproximateNumberOfMessagesVisible)]),
            ],
        },
        Row {
            title: "dynamodb",
            widgets: vec![
                widget("Read units", table(TableMetric::ConsumedReadCapacityUnits)),
                widget("Write units", table(TableMetric::ConsumedWriteCapacityUnits)),
                widget("Refused writes", table(TableMetric::WriteThrottleEvents)),
            ],
        },
    ]
}
