//! Lowers a flow to an ASL document: every state once, with its transitions.

use std::{
    collections::{BTreeMap, HashSet},
    rc::Rc,
};

use super::{Ended, Exit, Flow, Rule, State};
use crate::{
    model::{expr::Body, iam::Grant, limits::StateTimeout},
    violation::Violation,
};

/// The document of a flow, with its rights and violations.
pub(in crate::model) struct Lowered {
    pub(in crate::model) document: Body,
    pub(in crate::model) grant: Grant,
    pub(in crate::model) violations: Vec<Violation>,
}

impl<I> Flow<I, Ended> {
    /// The document of a whole machine.
    pub(in crate::model) fn lower(
        self,
        address: &str,
        doc: &str,
        timeout: StateTimeout,
    ) -> Lowered {
        let mut lowered = nested(self);
        lowered.document = lowered
            .document
            .with("Comment", Some(doc.to_owned()))
            .with("QueryLanguage", Some("JSONata"))
            .with("TimeoutSeconds", Some(timeout));
        for violation in &mut lowered.violations {
            if violation.rule == DUPLICATE_STATE {
                violation.address = format!("{address}, {}", violation.address);
            }
        }
        lowered
    }
}

const DUPLICATE_STATE: &str = "asl/duplicate-state";

/// `StartAt` and `States`: a machine, a branch or an item processor.
pub(super) fn nested<I, O>(flow: Flow<I, O>) -> Lowered {
    let Flow { states, grant, mut violations, .. } = flow;
    let mut placed = Placed::default();
    placed.sequence(&states, None);
    violations.extend(placed.violations);
    let start = states.first().map_or("", |it| it.name.as_str());
    let document = Body::map([("StartAt", start.into()), ("States", Body::map(placed.states))]);
    Lowered { document, grant, violations }
}

#[derive(Default)]
struct Placed {
    states: BTreeMap<String, Body>,
    /// The placed states, each with its successor.
    reached: HashSet<(*const State, Option<String>)>,
    violations: Vec<Violation>,
}

impl Placed {
    /// Places states one after another. The last one leads to `after`.
    fn sequence(&mut self, states: &[Rc<State>], after: Option<&str>) {
        for (at, state) in states.iter().enumerate() {
            let next = states.get(at + 1).map(|it| it.name.as_str()).or(after);
            if !self.reached.insert((Rc::as_ptr(state), next.map(str::to_owned))) {
                // The state was reached before, so it and its successors are placed.
                continue;
            }
            let body = self.way_on(state, next);
            self.place(state.name.as_str(), body);
        }
    }

    fn way_on(&mut self, state: &State, next: Option<&str>) -> Body {
        let onward = |body: Body| match next {
            Some(next) => body.with("Next", Some(next.to_owned())),
            None => body.with("End", Some(true)),
        };
        match &state.exit {
            Exit::Never => state.body.clone(),
            Exit::Back(to) => {
                state.body.clone().with("Next", to.get().map(|it| it.as_str().to_owned()))
            }
            Exit::Next(catches) => {
                let mut routes = Vec::new();
                for catch in catches {
                    self.sequence(&catch.to, next);
                    routes.push(Body::map([
                        ("ErrorEquals", Body::list([catch.error])),
                        ("Output", catch.output.clone()),
                        ("Next", first(&catch.to).to_owned().into()),
                    ]));
                }
                onward(state.body.clone()).with("Catch", (!routes.is_empty()).then_some(routes))
            }
            Exit::Choice { rules, otherwise } => {
                let mut choices = Vec::new();
                for Rule { condition, output, to } in rules {
                    self.sequence(to, next);
                    let choice = Body::map([
                        ("Condition", super::jsonata::live(condition)),
                        ("Next", first(to).to_owned().into()),
                    ]);
                    let output = output.as_deref().map(super::jsonata::live);
                    choices.push(choice.with("Output", output));
                }
                let mut body = state.body.clone().with("Choices", Some(choices));
                if let Some(otherwise) = otherwise {
                    self.sequence(otherwise, next);
                    body = body.with("Default", Some(first(otherwise).to_owned()));
                }
                body
            }
        }
    }

    /// Adds a state. If it was added before, both must be equal.
    fn place(&mut self, name: &str, body: Body) {
        match self.states.get(name) {
            Some(there) if *there != body => {
                let violation = Violation::new(
                    DUPLICATE_STATE,
                    format!("state {name}"),
                    "two states have this name, but their bodies or their transitions differ",
                    "give one of the two states another name",
                );
                if !self.violations.contains(&violation) {
                    self.violations.push(violation);
                }
            }
            Some(_) => (),
            None => drop(self.states.insert(name.to_owned(), body)),
        }
    }
}

/// The name of a flow's first state. A flow has at least one state.
fn first(states: &[Rc<State>]) -> &str {
    states.first().map_or("", |it| it.name.as_str())
}
