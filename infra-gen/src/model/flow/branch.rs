//! States that call nothing: Pass, Wait, Choice, Succeed, Fail.

use std::rc::Rc;

use contracts::path::Builds;

use super::{Cond, Ended, Exit, Flow, State, jsonata, output};
use crate::model::{expr::Body, limits::WaitSeconds, name::StateName};

/// Rearranges the input. Every field of `O` is given, and every path exists in `I`.
pub fn reshape<I, O>(name: impl Into<StateName>, to: impl Builds<I, O>) -> Flow<I, O> {
    let body = Body::map([("Type", "Pass".into()), ("Output", output(to.shape()))]);
    Flow::one(name.into(), body, Exit::Next(Vec::new()))
}

/// Waits, and goes on with the input.
pub fn wait<I>(name: impl Into<StateName>, seconds: WaitSeconds) -> Flow<I, I> {
    let body = Body::map([("Type", "Wait".into()), ("Seconds", seconds.into())]);
    Flow::one(name.into(), body, Exit::Next(Vec::new()))
}

/// Ends the execution well.
pub fn succeed<I>(name: impl Into<StateName>) -> Flow<I, Ended> {
    Flow::one(name.into(), Body::map([("Type", "Succeed".into())]), Exit::Never)
}

/// Ends the execution badly, with an error's name and cause for whoever looks at it.
pub fn fail<I>(
    name: impl Into<StateName>,
    error: &contracts::path::Expr<I, String>,
    cause: &contracts::path::Expr<I, String>,
) -> Flow<I, Ended> {
    let body = Body::map([
        ("Type", "Fail".into()),
        ("Error", jsonata::value(error.source().clone())),
        ("Cause", jsonata::value(cause.source().clone())),
    ]);
    Flow::one(name.into(), body, Exit::Never)
}

/// Takes the first branch whose condition holds, else `otherwise`. All agree on both ends.
pub fn choice<I, O>(
    name: impl Into<StateName>,
    rules: Vec<(Cond<I>, Flow<I, O>)>,
    otherwise: Flow<I, O>,
) -> Flow<I, O> {
    let Flow { states: otherwise, mut grant, mut violations, .. } = otherwise;
    let mut lowered = Vec::new();
    for (cond, flow) in rules {
        grant.and(flow.grant);
        violations.extend(flow.violations);
        lowered.push((cond.jsonata, flow.states));
    }
    let state = State {
        name: name.into(),
        body: Body::map([("Type", "Choice".into())]),
        exit: Exit::Choice { rules: lowered, otherwise },
    };
    Flow::new(vec![Rc::new(state)], grant, violations)
}
