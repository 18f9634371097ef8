//! Compares the limits of an API with the reserved concurrency and the timeout of the functions behind it. Lambda
//! throttles requests above the one and ends calls at the other, and callers get a server error.

use std::{collections::BTreeMap, time::Duration};

use super::{RestApiSpec, Route};
use crate::{
    model::{expr::Address, limits::FunctionTimeout},
    violation::Violation,
};

/// A violation for each function with less reserved concurrency than its routes may need: the whole burst at once, and
/// the requests that arrive while others still wait.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>
pub(super) fn check(spec: &RestApiSpec) -> Vec<Violation> {
    let (rate, burst) = (u64::from(spec.rate.get()), u64::from(spec.burst.get()));
    let mut functions: BTreeMap<&Address, Vec<&Route>> = BTreeMap::new();
    for route in &spec.routes {
        functions.entry(&route.function).or_default().push(route);
    }
    let over = functions.into_iter().filter_map(|(function, routes)| {
        let reserved = u64::from(routes.first()?.reserved?.get());
        let needed: u64 = routes.iter().map(|it| burst + waiting(rate, it.shape.waits)).sum();
        (reserved < needed).then(|| over(function, &routes, reserved, needed))
    });
    let late = spec.routes.iter().filter(|it| it.shape.waits >= length(it.timeout)).map(late);
    over.chain(late).collect()
}

fn length(timeout: FunctionTimeout) -> Duration {
    Duration::from_secs(timeout.get().into())
}

/// A route whose function is ended before it has waited as long as it means to.
fn late(route: &Route) -> Violation {
    let timeout = route.timeout.get();
    Violation::new(
        "limit/route-wait",
        route.function.to_string(),
        format!(
            "a route lets it wait for {} ms before it answers, but Lambda ends it after {timeout} s: the caller would get \
             a server error instead of the answer",
            route.shape.waits.as_millis()
        ),
        "let the route wait for less than the timeout of the function, or raise the timeout",
    )
}

/// The largest number of waiting requests at a rate of requests a second.
fn waiting(rate: u64, waits: Duration) -> u64 {
    // A wait is shorter than the function's timeout, which is less than a minute, so the number fits.
    rate.saturating_mul(waits.as_millis() as u64).div_ceil(1000)
}

fn over(function: &Address, routes: &[&Route], reserved: u64, needed: u64) -> Violation {
    let longest = routes.iter().map(|it| it.shape.waits).max().unwrap_or_default();
    Violation::new(
        "limit/route-concurrency",
        format!("{function}.reserved_concurrent_executions"),
        format!(
            "{} routes lead to the function, each with the rate and the burst of the API, and an answer may wait {} ms: \
             the function may run {needed} times at once, but its reserved concurrency is {reserved}",
            routes.len(),
            longest.as_millis()
        ),
        format!("reserve {needed}, or lower the rate and the burst of the API"),
    )
}
