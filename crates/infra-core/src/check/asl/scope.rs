//! Reads a definition as scopes and states. The machine, each branch and each item processor is a scope.
//!
//! Reading never fails: a part with a wrong shape is left out, and the schema reports it.

use serde_json::{Map, Value};

use crate::check::Violation;

/// A set of states that may have transitions to each other.
pub(super) struct Scope<'a> {
    /// The states around this scope, the outermost first. None for the machine itself.
    pub(super) outer: Vec<&'a str>,
    pub(super) start: Option<&'a str>,
    pub(super) states: Vec<State<'a>>,
}

/// One state.
pub(super) struct State<'a> {
    pub(super) name: &'a str,
    /// Its name with the states around it: `FanOut > Notify`.
    pub(super) place: String,
    pub(super) body: &'a Map<String, Value>,
}

/// Every scope of a machine, outer ones before inner ones.
pub(super) fn all(document: &Value) -> Vec<Scope<'_>> {
    let mut scopes = Vec::new();
    collect(document, Vec::new(), &mut scopes);
    scopes
}

fn collect<'a>(document: &'a Value, outer: Vec<&'a str>, scopes: &mut Vec<Scope<'a>>) {
    let scope = Scope::read(document, outer);
    let mut inner = Vec::new();
    for state in &scope.states {
        let mut around = scope.outer.clone();
        around.push(state.name);
        inner.extend(state.inner().map(|it| (it, around.clone())));
    }
    scopes.push(scope);
    for (document, outer) in inner {
        collect(document, outer, scopes);
    }
}

impl<'a> Scope<'a> {
    /// Reads a machine, a branch or an item processor, without the scopes inside of its states.
    pub(super) fn read(document: &'a Value, outer: Vec<&'a str>) -> Self {
        let states = document.get("States").and_then(Value::as_object).into_iter().flatten();
        let states = states
            .filter_map(|(name, body)| {
                let body = body.as_object()?;
                let place = outer.iter().chain([&name.as_str()]).copied().collect::<Vec<_>>();
                Some(State { name, place: place.join(" > "), body })
            })
            .collect();
        Scope { start: document.get("StartAt").and_then(Value::as_str), states, outer }
    }

    pub(super) fn state(&self, name: &str) -> Option<&State<'a>> {
        self.states.iter().find(|it| it.name == name)
    }
}

impl<'a> State<'a> {
    pub(super) fn kind(&self) -> &'a str {
        self.text("Type").unwrap_or_default()
    }

    pub(super) fn text(&self, field: &str) -> Option<&'a str> {
        self.body.get(field).and_then(Value::as_str)
    }

    pub(super) fn number(&self, field: &str) -> Option<u64> {
        self.body.get(field).and_then(Value::as_u64)
    }

    /// The elements of a list of objects, such as `Retry`.
    pub(super) fn list(&self, field: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
        let items = self.body.get(field).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(Value::as_object)
    }

    /// The scopes inside of this state: the branches of a Parallel, or the processor of a Map.
    pub(super) fn inner(&self) -> impl Iterator<Item = &'a Value> {
        let branches = self.body.get("Branches").and_then(Value::as_array).into_iter().flatten();
        branches.chain(self.body.get("ItemProcessor"))
    }

    /// Whether the state ends its scope by its type.
    pub(super) fn is_last_by_kind(&self) -> bool {
        matches!(self.kind(), "Succeed" | "Fail")
    }

    /// The seconds of a Wait with a fixed time.
    pub(super) fn pause(&self) -> Option<u64> {
        self.number("Seconds").filter(|it| self.kind() == "Wait" && *it > 0)
    }

    /// Every transition, with the field that names its target.
    pub(super) fn ways(&self) -> Vec<(String, &'a str)> {
        let mut ways = Vec::new();
        for field in ["Next", "Default"] {
            ways.extend(self.text(field).map(|to| (field.to_owned(), to)));
        }
        for field in ["Choices", "Catch"] {
            for (at, item) in self.list(field).enumerate() {
                let to = item.get("Next").and_then(Value::as_str);
                ways.extend(to.map(|to| (format!("{field}[{at}].Next"), to)));
            }
        }
        ways
    }
}

/// Collects the violations of one state machine.
pub(super) struct Report<'a> {
    address: &'a str,
    violations: Vec<Violation>,
}

impl<'a> Report<'a> {
    pub(super) fn new(address: &'a str) -> Self {
        Report { address, violations: Vec::new() }
    }

    /// The violations, sorted, so that their order does not depend on the order of a map.
    pub(super) fn violations(mut self) -> Vec<Violation> {
        self.violations.sort();
        self.violations
    }

    /// Adds a violation of the machine as a whole.
    pub(super) fn machine(
        &mut self,
        rule: &'static str,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.violations.push(Violation::new(rule, self.address, problem, fix));
    }

    /// Adds a violation of the state at `place`, or of the machine if `place` is empty.
    pub(super) fn at(
        &mut self,
        place: &str,
        rule: &'static str,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        match place {
            "" => self.machine(rule, problem, fix),
            _ => {
                let address = format!("{}, state {place}", self.address);
                self.violations.push(Violation::new(rule, address, problem, fix));
            }
        }
    }
}
