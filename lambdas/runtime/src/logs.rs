//! JSON logs: one object a line, as Lambda's own are.

use contracts::setting::LogLevel;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// Writes what is said from now on to stdout, from `level` up. `function` is the name of the function's
/// binary, as its contract has it.
///
/// Events carry `order_id` themselves, at the top of the line, and are written in a span that has
/// Lambda's request id and the trace id.
pub(crate) fn begin(level: LogLevel, function: &str) {
    use tracing_subscriber::{Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_filter(filter(level, function));
    // A second call can only come from a test; the first one's choice stands.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// Passes events of this crate and of the function's crate from `level` up. All others pass from WARN up: the
/// AWS SDK says a lot at DEBUG, headers of requests among it.
fn filter(level: LogLevel, function: &str) -> Targets {
    let level = match level {
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warn => LevelFilter::WARN,
    };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target(env!("CARGO_CRATE_NAME"), level)
        // Rust writes a crate's name with `_`, whatever cargo's name for it has.
        .with_target(function.replace('-', "_"), level)
        .with_target(REPEATS, LevelFilter::OFF)
}

/// Says once more, outside of the span, whatever a handler fails with. [`crate::start`] and the handlers
/// have said it by then. Of a panic it knows no more than that there was one; std says where and why.
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
