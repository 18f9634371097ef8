//! State machines whose states fit together, lowered to Amazon States Language with JSONata.
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

use contracts::path::Shape;

pub use branch::{choice, either, fail, reshape, succeed, wait};
pub use cond::{Cond, Numeric, Test};
pub use dynamodb::{Put, PutItemError, TransactError, condition_failed, put, put_item, transact};
pub use nested::{Both, map, parallel};
pub use read::{Compared, Read, compare, get_item};
pub use repeat::{Again, repeat};
pub use task::{Retry, Route, Task, TaskSpec, invoke, leave, route, send_message};
pub use when::{Same, When, same};

use super::{expr::Body, iam::Grant, name::StateName};
use crate::violation::Violation;

/// One or more states that turn an `I` into an `O`.
///
/// Flows compose as functions do, and in no other way: what a state puts out is what the next one
/// takes.
#[must_use]
pub struct Flow<I, O> {
    /// Shared: a state may be reached from several places.
    states: Vec<Rc<State>>,
    grant: Grant,
    violations: Vec<Violation>,
    _io: PhantomData<fn(I) -> O>,
}

/// What comes out where the execution has ended: nothing can follow.
#[derive(Debug)]
pub enum Ended {}

/// What a state can hand to the next one: whatever has a JSON form.
#[diagnostic::on_unimplemented(
    message = "nothing can follow here: what comes before puts out `{Self}`",
    label = "`{Self}` is not handed on",
    note = "an execution that has succeeded or failed has no next state"
)]
pub trait Onward {}

#[diagnostic::do_not_recommend]
impl<T: serde::Serialize> Onward for T {}

/// A state, not placed yet: what comes next is decided when the whole is lowered.
#[derive(Debug)]
struct State {
    name: StateName,
    body: Body,
    exit: Exit,
}

/// How a state is left.
#[derive(Debug)]
enum Exit {
    /// To whatever follows, or to a route where an error is caught.
    Next(Vec<Catch>),
    /// To the first branch whose condition holds, else to the last.
    Choice { rules: Vec<Rule>, otherwise: Option<Vec<Rc<State>>> },
    /// Back to a state that leads here. Its name is known once the flow between them is whole.
    Back(Rc<OnceCell<StateName>>),
    /// Not at all.
    Never,
}

/// One branch of a choice.
#[derive(Debug)]
struct Rule {
    condition: String,
    /// What the branch gets, where that is not the state's input.
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

    /// Runs `self`, then `next` on what came out.
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
    /// Where an `O` is due, an end fits as well: nothing will ask for the `O`.
    pub fn instead_of<O>(self) -> Flow<I, O> {
        Flow::new(self.states, self.grant, self.violations)
    }
}

/// States may be reached from several places. They are written once, under their name.
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
