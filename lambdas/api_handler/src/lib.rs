//! Takes orders over HTTP, and tells where they stand.
//!
//! - [`post`]: `POST /order`.
//! - [`get`]: `GET /order/{orderId}`.
//! - [`seen`]: where an order is known.
//! - [`request`]: what a request must be before anybody looks at its values.
//! - [`idempotency`]: which order a key leads to.
//! - [`answer`]: every answer there is.

pub mod answer;
pub mod get;
pub mod idempotency;
pub mod post;
mod reason;
pub mod request;
pub mod seen;

use contracts::{
    domain::OrderId,
    env::Live,
    error::NoError,
    event::{ApiRequest, ApiResponse},
    functions::{self, ApiHandlerEnv},
    metric::OrderMetric,
};
use runtime::{
    handler::{Failure, Handler, Invocation},
    port::{Fault, Outside},
};

use crate::answer::Answer;

/// The function.
pub struct ApiHandler<W> {
    env: ApiHandlerEnv<Live>,
    world: W,
}

impl<W: Outside> ApiHandler<W> {
    /// The function in its world.
    pub fn new(env: ApiHandlerEnv<Live>, world: W) -> Self {
        ApiHandler { env, world }
    }

    /// Counts a call that Step Functions throttled, and hands the fault on. An alarm watches the count: the
    /// account's quota is used up, and AWS itself reports throttled calls per account alone.
    pub(crate) fn counted(&self, fault: Fault, order: &OrderId) -> Fault {
        if matches!(fault, Fault::Throttled { .. }) {
            self.world.count(&self.env.metrics_namespace, OrderMetric::CallsThrottled, order);
        }
        fault
    }
}

impl<W: Outside> Handler<functions::ApiHandler> for ApiHandler<W> {
    /// Whatever goes wrong has an answer, so this never fails: API Gateway would turn a failure into
    /// an answer without a reason.
    async fn handle(
        &self,
        request: ApiRequest,
        invocation: &Invocation,
    ) -> Result<ApiResponse, Failure<NoError>> {
        let answer = match (request.http_method.as_str(), request.resource.as_str()) {
            ("POST", "/order") => self.post(&request, invocation.deadline).await,
            ("GET", "/order/{orderId}") => self.get(&request, invocation.deadline).await,
            _ => Answer::NoSuchRoute,
        };
        Ok(answer.response(&self.env.cors_origin, &request))
    }
}
