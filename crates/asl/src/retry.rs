//! Retriers. See "Retrying after error" in <https://states-language.net/spec.html>.

use std::time::Duration;

use serde_json::Value;

use crate::{
    failure::{ALL, matches},
    fields::Fields,
    problem::Report,
};

/// One entry of `Retry`.
#[derive(Debug)]
pub(crate) struct Retrier {
    pub(crate) errors: Vec<String>,
    interval: u32,
    most_attempts: u32,
    backoff: f64,
    most_delay: u32,
    jitter: Jitter,
}

/// The jitter of a delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// Always the whole delay.
    None,
    /// A random delay between zero and the whole delay.
    Full,
}

/// AWS's limit for seconds.
pub(crate) const MOST_SECONDS: u32 = 99_999_999;

impl Retrier {
    fn parse(place: String, value: Value, report: &mut Report) -> Self {
        let mut fields = Fields::of(place, value, report);
        let errors = errors(&mut fields, report);
        let interval = fields.whole("IntervalSeconds", 1..=MOST_SECONDS, report).unwrap_or(1);
        let most_attempts = fields.whole("MaxAttempts", 0..=MOST_SECONDS, report).unwrap_or(3);
        // AWS refuses larger values when the state machine is created.
        let most_delay = fields.whole("MaxDelaySeconds", 1..=31_622_399, report);
        let backoff = match fields.take("BackoffRate") {
            None => 2.0,
            Some(value) => value.as_f64().filter(|it| *it >= 1.0).unwrap_or_else(|| {
                let place = fields.place("BackoffRate");
                report.add(format!("`{place}` is {value}, not a number of at least 1"));
                2.0
            }),
        };
        let jitter = match fields.text("JitterStrategy", report).as_deref() {
            None | Some("NONE") => Jitter::None,
            Some("FULL") => Jitter::Full,
            Some(other) => {
                let place = fields.place("JitterStrategy");
                report.add(format!("`{place}` is {other:?}, not \"FULL\" or \"NONE\""));
                Jitter::None
            }
        };
        fields.finish(report);
        let most_delay = most_delay.unwrap_or(MOST_SECONDS);
        Retrier { errors, interval, most_attempts, backoff, most_delay, jitter }
    }

    /// Returns the delay before the next attempt after `attempts` retries, or `None` if there is no attempt left. The
    /// backoff is applied first, then the maximum, then the jitter.
    fn delay(&self, attempts: u32) -> Option<(Duration, Jitter)> {
        (attempts < self.most_attempts).then(|| {
            let mut seconds = f64::from(self.interval);
            for _ in 0..attempts {
                if self.backoff == 1.0 || seconds >= f64::from(self.most_delay) {
                    break;
                }
                seconds *= self.backoff;
            }
            let seconds = seconds.min(f64::from(self.most_delay));
            // In whole milliseconds, like the caller's clock. The number is positive and below 10^11.
            (Duration::from_millis((seconds * 1000.0) as u64), self.jitter)
        })
    }
}

pub(crate) fn parse(fields: &mut Fields, report: &mut Report) -> Vec<Retrier> {
    let items = fields.list("Retry", report);
    let retriers: Vec<Retrier> = (items.into_iter().enumerate())
        .map(|(at, item)| Retrier::parse(format!("Retry[{at}]/"), item, report))
        .collect();
    wildcard_last("Retry", retriers.iter().map(|it| it.errors.as_slice()), report);
    retriers
}

/// Returns the delay before the next attempt, and counts it for its retrier. Only the first retrier that matches is
/// used: if it has no attempt left, later ones do not apply.
pub(crate) fn next(
    retriers: &[Retrier],
    attempts: &mut [u32],
    error: &str,
) -> Option<(Duration, Jitter)> {
    let at = retriers.iter().position(|it| matches(&it.errors, error))?;
    let attempts = attempts.get_mut(at)?;
    let delay = retriers[at].delay(*attempts)?;
    *attempts += 1;
    Some(delay)
}

/// Parses `ErrorEquals`.
pub(crate) fn errors(fields: &mut Fields, report: &mut Report) -> Vec<String> {
    let place = fields.place("ErrorEquals");
    let names = fields.list("ErrorEquals", report).into_iter().filter_map(|name| match name {
        Value::String(name) => Some(name),
        other => {
            report.add(format!("`{place}` has the element {other}, not a string"));
            None
        }
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        report.add(format!("`{place}` names no error"));
    }
    names
}

/// Reports a `States.ALL` that is not the only name of the last entry.
pub(crate) fn wildcard_last<'a>(
    field: &str,
    items: impl ExactSizeIterator<Item = &'a [String]>,
    report: &mut Report,
) {
    let last = items.len().saturating_sub(1);
    for (at, names) in items.enumerate().filter(|(_, it)| it.iter().any(|name| name == ALL)) {
        if names.len() > 1 || at < last {
            report.add(format!(
                "`{field}[{at}]` names `{ALL}`, which must be the only name, in the last entry"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn delays_grow_to_their_maximum() {
        check(json!({}), &[1000, 2000, 4000]);
        check(json!({"MaxAttempts": 0}), &[]);
        check(
            json!({"IntervalSeconds": 3, "BackoffRate": 1.5, "MaxAttempts": 4}),
            &[3000, 4500, 6750, 10125],
        );
        check(json!({"BackoffRate": 1, "MaxAttempts": 5, "IntervalSeconds": 7}), &[7000; 5]);
        check(
            json!({"MaxDelaySeconds": 30, "MaxAttempts": 7}),
            &[1000, 2000, 4000, 8000, 16000, 30000, 30000],
        );
        check(json!({"IntervalSeconds": 60, "MaxDelaySeconds": 30}), &[30000; 3]);
        check(
            json!({"BackoffRate": 1e300, "MaxAttempts": 3}),
            &[1000, 99_999_999_000, 99_999_999_000],
        );
    }

    fn check(mut value: Value, expected: &[u64]) {
        value["ErrorEquals"] = json!(["A"]);
        let mut report = Report::default();
        let retriers = [Retrier::parse(String::new(), value, &mut report)];
        assert!(report.finish(Some(())).is_ok());
        let mut attempts = [0];
        // At most one more than expected, so that a retrier that never ends does not fill the memory.
        let delays: Vec<u64> = std::iter::from_fn(|| next(&retriers, &mut attempts, "A"))
            .take(expected.len() + 1)
            .map(|(delay, _)| delay.as_millis() as u64)
            .collect();
        assert_eq!(delays, expected);
    }

    #[test]
    fn each_retrier_counts_for_itself() {
        let mut report = Report::default();
        let mut retrier = |names: Value, most: u32| {
            let value = json!({"ErrorEquals": names, "MaxAttempts": most});
            Retrier::parse(String::new(), value, &mut report)
        };
        // The example of the specification: A and B share a retrier, C has its own.
        let retriers = [retrier(json!(["A", "B"]), 2), retrier(json!(["C"]), 5)];
        let mut attempts = [0, 0];
        let seconds = ["A", "B", "C", "B", "C", "D"].map(|error| {
            next(&retriers, &mut attempts, error).map_or(0, |(delay, _)| delay.as_secs())
        });
        assert_eq!(seconds, [1, 2, 1, 0, 2, 0]);
        assert_eq!(attempts, [2, 2]);
    }
}
