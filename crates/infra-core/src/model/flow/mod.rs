//! Flows: typed states and their transitions, which are lowered to Amazon States Language with JSONata.
//!
//! <https://states-language.net/>, <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>

mod branch;
mod cond;
mod dynamodb;
mod jsonata;
mod lower;
mod nested;
mod read;
mod repeat;
mod task;
#[cfg(test)]
mod tests;
mod when;

use std::{cell::OnceCell, marker::PhantomData, rc::Rc};

use function_contract::path::Shape;

pub use branch::{choice, either, fail, fail_with, reshape, succeed, wait};
pub use cond::{Cond, Test};
pub use dynamodb::{Put, PutItemError, TransactError, condition_failed, put, put_item, transact};
pub use nested::{Both, map, parallel};
pub use read::{Compared, Read, compare, get_item};
pub use repeat::{Again, repeat};
pub use task::{Retry, Route, Task, TaskSpec, invoke, leave, route, send_message};
pub use when::{Same, When, same};

use super::{expr::Body, iam::Grant, name::StateName};
use crate::violation::Violation;

/// One or more states with the input `I` and the output `O`.
///
/// Flows compose like functions: the output type of a state must be the input type of the next one.
#[must_use]
pub struct Flow<I, O> {
    /// The states are shared, because a state may be reached from several places.
    states: Vec<Rc<State>>,
    grant: Grant,
    violations: Vec<Violation>,
    _io: PhantomData<fn(I) -> O>,
}

/// The output of a flow that ends the execution, so that nothing can follow.
#[derive(Debug)]
pub enum Ended {}

/// An output that the next state can take: every type that can be serialized to JSON.
#[diagnostic::on_unimplemented(
    message = "nothing can follow here: what comes before puts out `{Self}`",
    label = "`{Self}` is not handed on",
    note = "an execution that has succeeded or failed has no next state"
)]
pub trait Onward {}

#[diagnostic::do_not_recommend]
impl<T: serde::Serialize> Onward for T {}

/// A state whose successor is not known yet: lowering decides it.
#[derive(Debug)]
struct State {
    name: StateName,
    body: Body,
    exit: Exit,
}

/// The transitions of a state.
#[derive(Debug)]
enum Exit {
    /// To the next state, or to a route if an error is caught.
    Next(Vec<Catch>),
    /// To the first branch whose condition holds, or to the last branch if none does.
    Choice { rules: Vec<Rule>, otherwise: Option<Vec<Rc<State>>> },
    /// Back to an earlier state. Its name is known when the flow between them is complete.
    Back(Rc<OnceCell<StateName>>),
    /// None: the state ends the execution.
    Never,
}

/// One branch of a choice.
#[derive(Debug)]
struct Rule {
    condition: String,
    /// The input of the branch, if it is not the state's input.
    output: Option<String>,
    to: Vec<Rc<State>>,
}

/// An error's route.
#[derive(Debug)]
struct Catch {
    error: &'static str,
    output: Body,
    to: Vec<Rc<State>>,
}

impl<I, O> Flow<I, O> {
    fn new(states: Vec<Rc<State>>, grant: Grant, violations: Vec<Violation>) -> Self {
        Flow { states, grant, violations, _io: PhantomData }
    }

    fn one(name: StateName, body: Body, exit: Exit) -> Self {
        Flow::new(vec![Rc::new(State { name, body, exit })], Grant::none(), Vec::new())
    }

    /// Runs `self`, then `next` with its output.
    pub fn then<P>(mut self, next: Flow<O, P>) -> Flow<I, P>
    where
        O: Onward,
    {
        self.states.extend(next.states);
        self.grant.and(next.grant);
        self.violations.extend(next.violations);
        Flow::new(self.states, self.grant, self.violations)
    }
}

impl<I> Flow<I, Ended> {
    /// Converts a flow that ends the execution to a flow with any output `O`, which nothing will read.
    pub fn instead_of<O>(self) -> Flow<I, O> {
        Flow::new(self.states, self.grant, self.violations)
    }
}

/// A clone shares the states, which may be reached from several places. Lowering writes each of them once.
impl<I, O> Clone for Flow<I, O> {
    fn clone(&self) -> Self {
        Flow::new(self.states.clone(), self.grant.clone(), self.violations.clone())
    }
}

/// The body of an `Output`: every field of the shape.
fn output<Root, Out>(shape: Shape<Root, Out>) -> Body {
    let fields = shape.into_fields().into_iter();
    Body::map(fields.map(|(name, source)| (name, jsonata::value(source))))
}
