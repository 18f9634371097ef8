//! Compares the fields of a state machine, except its states.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Told, rest};
use crate::{block::plain, finding::Severity};

pub(super) fn machine_differs(
    before: &Value,
    after: &Value,
    renamed: &BTreeMap<&str, &str>,
    told: &mut Vec<Told>,
) {
    let mut tell = |severity, problem| told.push((None, severity, problem));
    let start = |it: &Value| it["StartAt"].as_str().unwrap_or_default().to_owned();
    let (old, new) = (start(before), start(after));
    if renamed.get(old.as_str()).copied().unwrap_or(&old) != new {
        tell(Severity::Warning, format!("it starts at {new}, before at {old}"));
    }
    let limit = |it: &Value| it["TimeoutSeconds"].as_f64().unwrap_or(f64::INFINITY);
    let (old, new) = (limit(before), limit(after));
    if old != new {
        let severity = if new < old { Severity::Warning } else { Severity::Notice };
        let told = |it: f64| {
            if it.is_infinite() { "never".to_owned() } else { format!("after {} s", plain(it)) }
        };
        tell(severity, format!("an execution times out {}, before {}", told(new), told(old)));
    }
    if before["QueryLanguage"] != after["QueryLanguage"] {
        let language = |it: &Value| it["QueryLanguage"].as_str().unwrap_or("JSONPath").to_owned();
        let problem = format!("its language is {}, before {}", language(after), language(before));
        tell(Severity::Warning, problem);
    }
    const TOLD: &[&str] = &["QueryLanguage", "StartAt", "States", "TimeoutSeconds"];
    let rest = rest(before, after, TOLD, renamed);
    if !rest.is_empty() {
        tell(Severity::Warning, format!("it differs in {}", rest.join(", ")));
    }
}
