//! Compares how often a state retries, and how long it waits.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    block::{items, plain, texts},
    finding::Severity,
};

/// `MaxAttempts`, `IntervalSeconds`, `BackoffRate` and `MaxDelaySeconds` of a retrier.
#[derive(PartialEq)]
struct Retry(f64, f64, f64, f64);

impl Retry {
    /// The sum of all waits, in seconds.
    fn waits(&self) -> f64 {
        let Retry(attempts, first, rate, longest) = *self;
        // AWS allows up to 99999999 attempts: 1000 of them suffice for an estimate.
        let each = (0..attempts.clamp(0.0, 1000.0) as i32).map(|it| first * rate.powi(it));
        each.map(|it| it.min(longest)).sum::<f64>() * (attempts / 1000.0).max(1.0)
    }

    /// Whether the sum of all waits at least doubles or halves.
    fn is_far_from(&self, other: &Retry) -> bool {
        let (one, other) = (self.waits(), other.waits());
        one >= other * 2.0 || other >= one * 2.0
    }
}

/// Compares the retries of a state for each error.
pub(super) fn retries(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    let all = |state: &Value| {
        let mut all: BTreeMap<String, Retry> = BTreeMap::new();
        for retrier in items(&state["Retry"]) {
            let number = |name: &str, default| retrier[name].as_f64().unwrap_or(default);
            for error in texts(&retrier["ErrorEquals"]) {
                all.entry(error.to_owned()).or_insert(Retry(
                    number("MaxAttempts", 3.0),
                    number("IntervalSeconds", 1.0),
                    number("BackoffRate", 2.0),
                    number("MaxDelaySeconds", f64::INFINITY),
                ));
            }
        }
        all
    };
    let (old, new) = (all(before), all(after));
    let severity = |was: &Retry, is: Option<&Retry>| match is.is_some_and(|it| it.is_far_from(was))
    {
        true => Severity::Warning,
        false => Severity::Notice,
    };
    for (error, was) in &old {
        let is = new.get(error);
        let attempts = is.map_or(0.0, |it| it.0);
        // `MaxAttempts: 0` for an error prevents a retry. Without a retrier of its own, `States.ALL`
        // may retry the error.
        let fallback = new.get("States.ALL").filter(|it| is.is_none() && it.0 > 0.0);
        if let (Some(all), true) = (fallback, was.0 == 0.0) {
            let problem =
                format!("on {error} it is tried again {} times, before not at all", plain(all.0));
            tell(Severity::Warning, problem);
        } else if attempts < was.0 {
            let problem = match attempts {
                0.0 => format!("on {error} it is not tried again, before {} times", plain(was.0)),
                it => format!(
                    "on {error} it is tried again {} times, before {}",
                    plain(it),
                    plain(was.0)
                ),
            };
            tell(Severity::Warning, problem);
        } else if is.is_some_and(|it| it.0 > was.0) {
            let problem = format!(
                "on {error} it is tried again {} times, before {}",
                plain(attempts),
                plain(was.0)
            );
            tell(severity(was, is), problem);
        } else if is.is_some_and(|it| it != was) {
            let problem = format!("on {error} it waits for another time between attempts");
            tell(severity(was, is), problem);
        }
    }
    for (error, is) in new.iter().filter(|(error, _)| !old.contains_key(*error)) {
        let problem = match is.0 {
            0.0 => format!("on {error} it is not tried again"),
            it => format!("on {error} it is tried again {} times", plain(it)),
        };
        let took = old.get("States.ALL").is_some_and(|it| it.0 > is.0);
        tell(if took { Severity::Warning } else { Severity::Notice }, problem);
    }
}
