//! A parsed state machine. See "Top-level fields" in
//! <https://states-language.net/spec.html>.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};

use crate::{
    fields::Fields,
    problem::{Problems, Report},
    retry::MOST_SECONDS,
    state::{self, Kind, State},
    variables::substitute,
};

/// A parsed state machine, which any number of [`crate::Execution`]s can run.
#[derive(Debug)]
pub struct Machine {
    /// The states. [`crate::state::After`] and similar types contain indexes of this list.
    pub(crate) states: Vec<State>,
    pub(crate) start: usize,
    timeout: Option<Duration>,
    ways: Vec<String>,
}

impl Machine {
    /// Parses a document, after replacing each `${name}` in it by its value, as Terraform's `templatefile` does.
    ///
    /// # Errors
    ///
    /// Returns everything that is wrong or that the interpreter does not support, not only the first problem.
    pub fn parse(text: &str, variables: &BTreeMap<String, String>) -> Result<Machine, Problems> {
        let mut report = Report::default();
        let text = substitute(text, variables, &mut report);
        let machine = match serde_json::from_str(&text) {
            Ok(document) => read(document, &mut report),
            Err(problem) => {
                report.add(format!("it is not JSON: {problem}"));
                None
            }
        };
        report.finish(machine)
    }

    /// Returns `TimeoutSeconds`, the longest time of an execution. The caller must end a longer execution with
    /// `States.Timeout`; nothing retries or catches this error.
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Returns the names of all states, and of all transitions that a Choice or a `Catch` can choose. Their order is
    /// that of the bits in [`crate::Execution::ways`], the lowest first.
    pub fn ways(&self) -> &[String] {
        &self.ways
    }
}

/// Numbers the ways, and returns their names.
fn ways(states: &mut [State]) -> Vec<String> {
    let mut ways = Vec::new();
    for at in 0..states.len() {
        let state = &states[at];
        let way = |label: &str, to: usize| format!("{} {label} -> {}", state.name, states[to].name);
        let mut own = vec![state.name.to_string()];
        match &state.kind {
            Kind::Task(task) => own.extend(
                task.catchers()
                    .map(|(errors, to)| way(&format!("catches {}", errors.join(", ")), to)),
            ),
            Kind::Choice { rules, default, .. } => {
                own.extend(
                    rules.iter().enumerate().map(|(n, it)| way(&format!("rule {n}"), it.next)),
                );
                own.extend(default.map(|to| way("default", to)));
            }
            _ => {}
        }
        states[at].first_way = ways.len();
        ways.extend(own);
    }
    ways
}

fn read(document: Value, report: &mut Report) -> Option<Machine> {
    let mut fields = Fields::of(String::new(), document, report);
    if let Some(version) = fields.text("Version", report)
        && version != "1.0"
    {
        report.add(format!("`Version` is {version:?}, not \"1.0\""));
    }
    match fields.text("QueryLanguage", report).as_deref() {
        Some("JSONata") => (),
        other => {
            let language = other.unwrap_or("JSONPath");
            report.add(format!("`QueryLanguage` is {language:?}, not \"JSONata\""));
        }
    }
    let timeout = fields.whole("TimeoutSeconds", 1..=MOST_SECONDS, report);
    let start = fields.need_text("StartAt", report);
    let states = match fields.need("States", report) {
        Some(Value::Object(states)) => states,
        Some(other) => {
            report.add(format!("`States` is {other}, not an object"));
            Map::new()
        }
        None => Map::new(),
    };
    fields.finish(report);
    let names = states.keys().cloned().zip(0..).collect::<BTreeMap<String, usize>>();
    let start = start.and_then(|name| {
        let start = names.get(&name).copied();
        if start.is_none() {
            report.add(format!("`StartAt` names `{name}`, but there is no state with this name"));
        }
        start
    });
    let states = states.into_iter().map(|(name, value)| {
        report.state.clone_from(&name);
        state::parse(&name, value, &names, report)
    });
    // Parse all states before failing, so that one broken state does not hide the problems of the next.
    let states: Vec<Option<State>> = states.collect();
    let timeout = timeout.map(|it| Duration::from_secs(it.into()));
    let mut states = states.into_iter().collect::<Option<Vec<_>>>()?;
    let ways = ways(&mut states);
    Some(Machine { states, start: start?, timeout, ways })
}

#[cfg(test)]
mod tests;
