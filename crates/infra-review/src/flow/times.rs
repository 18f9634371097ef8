//! Compares the timeouts, the waits and the concurrency of a state.

use serde_json::Value;

use crate::{block::plain, diff::short, finding::Severity};

pub(super) fn times(before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    for (name, what) in [
        ("TimeoutSeconds", "it times out"),
        ("HeartbeatSeconds", "it times out, without a heartbeat,"),
        ("Seconds", "it continues"),
    ] {
        let (old, new) = (before[name].as_f64(), after[name].as_f64());
        if old == new && before[name] == after[name] {
            continue;
        }
        let told = |it: Option<f64>, value: &Value| match (it, value) {
            (Some(it), _) => format!("after {} s", plain(it)),
            (None, Value::Null) => "never".to_owned(),
            (None, it) => format!("after {}", short(it)),
        };
        let is_much_less = old.zip(new).is_some_and(|(old, new)| new < old && new <= old / 2.0);
        let is_much_more = name == "Seconds"
            && old.zip(new).is_some_and(|(old, new)| new > old && new >= old * 2.0);
        let severity = match new.is_none() || is_much_less || is_much_more {
            true => Severity::Warning,
            false => Severity::Notice,
        };
        let (old, new) = (told(old, &before[name]), told(new, &after[name]));
        tell(severity, format!("{what} {new}, before {old}"));
    }
    for (name, what) in
        [("MaxConcurrency", "items at once"), ("ToleratedFailurePercentage", "% may fail")]
    {
        if before[name] != after[name] {
            let problem =
                format!("{} {what}, before {}", short(&after[name]), short(&before[name]));
            tell(Severity::Warning, problem);
        }
    }
}
