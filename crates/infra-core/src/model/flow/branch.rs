//! States without a call: Pass, Wait, Choice, Succeed, Fail.

use std::rc::Rc;

use function_contract::{
    either::Either,
    path::{Builds, Expr, Source},
};

use super::{Cond, Ended, Exit, Flow, Rule, State, jsonata, output};
use crate::model::{expr::Body, iam::Grant, limits::WaitSeconds, name::StateName};

/// Builds an `O` from the input: every field of `O` gets a value, and every path exists in `I`.
pub fn reshape<I, O>(name: impl Into<StateName>, to: impl Builds<I, O>) -> Flow<I, O> {
    let body = Body::map([("Type", "Pass".into()), ("Output", output(to.shape()))]);
    Flow::one(name.into(), body, Exit::Next(Vec::new()))
}

/// Waits. The output is the input.
pub fn wait<I>(name: impl Into<StateName>, seconds: WaitSeconds) -> Flow<I, I> {
    let body = Body::map([("Type", "Wait".into()), ("Seconds", seconds.into())]);
    Flow::one(name.into(), body, Exit::Next(Vec::new()))
}

/// Ends the execution with success.
pub fn succeed<I>(name: impl Into<StateName>) -> Flow<I, Ended> {
    Flow::one(name.into(), Body::map([("Type", "Succeed".into())]), Exit::Never)
}

/// Fails the execution with the name of the state as the error, and with a cause for the operator.
pub fn fail<I>(name: impl Into<StateName>, cause: &str) -> Flow<I, Ended> {
    let name = name.into();
    fail_with(name, &Expr::literal(name.as_str().to_owned()), &Expr::literal(cause.to_owned()))
}

/// Fails the execution with an error's name and a cause that an earlier state has put into the input.
pub fn fail_with<I>(
    name: impl Into<StateName>,
    error: &Expr<I, String>,
    cause: &Expr<I, String>,
) -> Flow<I, Ended> {
    let body = Body::map([
        ("Type", "Fail".into()),
        ("Error", jsonata::value(error.source().clone())),
        ("Cause", jsonata::value(cause.source().clone())),
    ]);
    Flow::one(name.into(), body, Exit::Never)
}

/// Takes the first branch whose condition holds, or `otherwise` if none does. All branches have the same input and
/// output types.
pub fn choice<I, O>(
    name: impl Into<StateName>,
    rules: Vec<(Cond<I>, Flow<I, O>)>,
    otherwise: Flow<I, O>,
) -> Flow<I, O> {
    let rules = rules.into_iter().map(|(cond, flow)| (cond.jsonata, None, flow));
    chosen(name.into(), rules, Some(otherwise))
}

/// Takes the branch for the variant of the input, with the variant's payload as the input of the branch. An input that
/// is neither variant fails the execution, which a function with this contract never returns.
///
/// A rule of a choice may have an `Output`: <https://states-language.net/#choice-state>
pub fn either<E: Either, O>(
    name: impl Into<StateName>,
    first: Flow<E::First, O>,
    second: Flow<E::Second, O>,
) -> Flow<E, O> {
    // Each rule has an `Output`: the payload for its branch.
    let second = Flow::new(second.states, second.grant, second.violations);
    let branches = E::WIRE_NAMES.into_iter().zip([first, second]).map(|(field, flow)| {
        let payload = jsonata::expression(&Source::Field(vec![field].into()));
        (format!("$exists({payload})"), Some(payload), flow)
    });
    chosen(name.into(), branches, None)
}

/// A Choice state: for each branch the condition, the input if it is not the state's, and the branch.
pub(super) fn chosen<I, P, O>(
    name: StateName,
    branches: impl IntoIterator<Item = (String, Option<String>, Flow<P, O>)>,
    otherwise: Option<Flow<I, O>>,
) -> Flow<I, O> {
    let (mut grant, mut violations) = (Grant::none(), Vec::new());
    let mut rules = Vec::new();
    for (condition, output, flow) in branches {
        grant.and(flow.grant);
        violations.extend(flow.violations);
        rules.push(Rule { condition, output, to: flow.states });
    }
    let otherwise = otherwise.map(|flow| {
        grant.and(flow.grant);
        violations.extend(flow.violations);
        flow.states
    });
    let body = Body::map([("Type", "Choice".into())]);
    let state = State { name, body, exit: Exit::Choice { rules, otherwise } };
    Flow::new(vec![Rc::new(state)], grant, violations)
}
