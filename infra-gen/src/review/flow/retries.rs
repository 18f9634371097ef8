//! How often a state tries again.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::review::{
    block::{items, plain, texts},
    finding::Severity,
};

/// How a state tries again, by the errors that make it do so.
pub(super) fn retries(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    #[derive(PartialEq)]
    struct Retry(f64, f64, f64, f64);
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
    for (error, was) in &old {
        let is = new.get(error);
        let attempts = is.map_or(0.0, |it| it.0);
        // To say that an error is not tried again is not the same as to say nothing: then
        // `States.ALL` may take it.
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
            tell(Severity::Notice, problem);
        } else if is.is_some_and(|it| it != was) {
            tell(Severity::Notice, format!("on {error} it waits otherwise between attempts"));
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
