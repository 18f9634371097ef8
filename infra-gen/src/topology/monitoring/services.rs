//! The alarms that each API, table and function has.

use function_contract::{
    Contract,
    kind::{Function, Table},
};

use super::{FIVE, MINUTE, THREE, Watched, any, lasting};
use infra_core::model::{
    Handle, Module,
    alarm::{AlarmSpec, Signal, Statistic},
    metric::{ApiMetric, FunctionMetric},
    topic::AlarmTopic,
};

use crate::resource;

const MOST_SERVER_ERRORS: f64 = 0.01;
const MOST_CLIENT_ERRORS: f64 = 0.5;
/// The least number of requests in a minute: among fewer, the errors of one client could be the majority.
const FEWEST_REQUESTS: u32 = 20;
const SLOW_ANSWER_MS: f64 = 2000.0;
/// The share of a function's timeout above which its duration raises an alarm.
const SLOW_SHARE: f64 = 0.8;

pub(super) fn api_alarms(module: &mut Module<'_>, on: &Watched, topic: &Handle<AlarmTopic>) {
    module.alarm(
        resource!(
            /// The API answers with server errors. The access log has each with the request id that the caller was
            /// shown and a trace id; look up the trace id in the log of api_handler.
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

pub(super) fn table_alarms<I: 'static>(
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

pub(super) fn function_alarms<C: Contract>(
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
