//! JSON logs: one object a line, as Lambda's own are.

use contracts::setting::LogLevel;
use tracing::level_filters::LevelFilter;

/// Writes what is said from now on to stdout, from `level` up.
///
/// Events carry `order_id` themselves, at the top of the line, and are written in a span that has
/// Lambda's request id and the trace id.
pub(crate) fn begin(level: LogLevel) {
    let level = match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warn => LevelFilter::WARN,
    };
    // The AWS SDK says a lot at DEBUG, headers of requests among it: that stays out.
    let quiet = tracing_subscriber::filter::Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(OURS.iter().map(|it| (*it, level)))
        .with_target(REPEATS, LevelFilter::OFF);
    use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_filter(quiet);
    // A second call can only come from a test; the first one's choice stands.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// Says once more, as an error and outside of the span, whatever a handler fails with: an order that
/// breaks a rule among it, which is no error. What is one, [`crate::start`] and the handlers say. Of a
/// panic it knows no more than that there was one; std says where and why.
const REPEATS: &str = "lambda_runtime::layers::panic";

/// The crates whose events are ours.
const OURS: &[&str] =
    &["runtime", "api_handler", "validator", "order_storage", "fulfill_order", "reconcile_orders"];
