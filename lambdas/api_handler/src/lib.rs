//! The HTTP API: accepts orders, and returns their status.
//!
//! - [`post`]: `POST /order`.
//! - [`get`]: `GET /order/{orderId}`.
//! - [`seen`]: finds an order in the table or in Step Functions.
//! - [`request`]: checks the form of a request.
//! - [`idempotency`]: derives the order's id from an idempotency key.
//! - [`answer`]: the responses.

pub mod answer;
pub mod get;
pub mod idempotency;
pub mod post;
mod reason;
pub mod request;
pub mod seen;

use contracts::{
    domain::OrderId,
    functions::{self, ApiHandlerEnv},
    metric::OrderMetric,
};
use function_contract::{
    env::Live,
    error::NoError,
    event::{ApiRequest, ApiResponse},
};
use runtime::{
    handler::{Failure, Handler, Invocation},
    port::{Fault, Outside},
};

use crate::answer::Answer;

/// The handler.
pub struct ApiHandler<W> {
    env: ApiHandlerEnv<Live>,
    world: W,
}

impl<W: Outside> ApiHandler<W> {
    /// Creates the handler with its environment and its ports.
    pub fn new(env: ApiHandlerEnv<Live>, world: W) -> Self {
        ApiHandler { env, world }
    }

    /// Counts a call that Step Functions throttled, and returns the fault. An alarm watches this metric, because AWS's
    /// own metric of throttled calls is for the whole account. A throttled call means that the account's quota is used
    /// up.
    pub(crate) fn counted(&self, fault: Fault, order: &OrderId) -> Fault {
        if matches!(fault, Fault::Throttled { .. }) {
            self.world.count(&self.env.metrics_namespace, OrderMetric::CallsThrottled, order);
        }
        fault
    }
}

impl<W: Outside> Handler<functions::ApiHandler> for ApiHandler<W> {
    /// Never fails, because every error has a response: API Gateway would turn a failure into a response without a
    /// reason.
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
