//! JSON logs: one object in each line, like Lambda's own log lines.

use function_contract::setting::LogLevel;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// Writes log events to stdout from now on, from `level` up. `function` is the name of the function's binary from its
/// contract.
///
/// Each event has `order_id` as a top-level field, and belongs to a span with Lambda's request id and the trace id.
pub(crate) fn begin(level: LogLevel, function: &str) {
    use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_filter(filter(level, function));
    // Only tests call this a second time. The first call's level stays.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// Returns the filter: events of this crate and of the function's crate from `level` up, and all others from WARN up.
/// At DEBUG, the AWS SDK logs a lot, including the headers of requests.
fn filter(level: LogLevel, function: &str) -> Targets {
    let level = match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warn => LevelFilter::WARN,
    };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target(env!("CARGO_CRATE_NAME"), level)
        // In Rust, the name of a crate has `_` where the cargo package has `-`.
        .with_target(function.replace('-', "_"), level)
        .with_target(REPEATS, LevelFilter::OFF)
}

/// The module of `lambda_runtime` that logs every error of a handler a second time, outside of the span. The handlers
/// and [`crate::handler`] have already logged it. For a panic it has no details; std prints its place and message.
const REPEATS: &str = "lambda_runtime::layers::panic";

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_function_of_any_name_is_heard() {
        #[track_caller]
        fn check(function: &str, level: LogLevel, target: &str, least: Option<Level>) {
            let filter = filter(level, function);
            let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
            let passed = levels.into_iter().rfind(|it| filter.would_enable(target, it));
            assert_eq!(passed, least, "{function} at {level}: {target}");
        }
        for function in ["announce_order", "announce-order"] {
            check(function, LogLevel::Debug, "announce_order::queue", Some(Level::DEBUG));
            check(function, LogLevel::Info, "announce_order", Some(Level::INFO));
            check(function, LogLevel::Info, "runtime::start", Some(Level::INFO));
            check(function, LogLevel::Warn, "announce_order", Some(Level::WARN));
            check(function, LogLevel::Debug, "aws_smithy_runtime::client", Some(Level::WARN));
            check(function, LogLevel::Debug, REPEATS, None);
        }
    }
}
