//! The HTTP API: accepts orders, and returns their status.
//!
//! - [`place`]: places an order.
//! - [`show`]: returns an order with its status.
//! - [`seen`]: finds an order in the table or in Step Functions.
//! - [`request`]: checks the form of a request.
//! - [`idempotency`]: derives the order's id from an idempotency key.
//!
//! The routes and their answers are in [`contracts::api`].

pub mod idempotency;
pub mod place;
mod reason;
pub mod request;
pub mod seen;
pub mod show;

use contracts::{
    api::OrderApi,
    domain::OrderId,
    functions::{self, ApiHandlerEnv},
    metric::OrderMetric,
};
use function_contract::{
    api::{Api as _, Route as _},
    env::Live,
    error::NoError,
    event::{ApiRequest, ApiResponse},
};
use runtime::{
    handler::{Failure, Handler, Invocation},
    port::{Fault, Outside},
};

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
        request: ApiRequest<OrderApi>,
        invocation: &Invocation,
    ) -> Result<ApiResponse, Failure<NoError>> {
        let deadline = invocation.deadline;
        let reply = match OrderApi::route(&request) {
            Ok(OrderApi::PlaceOrder(route)) => route.reply(self.place(&request, deadline).await),
            Ok(OrderApi::ReadOrder(route)) => {
                let answer = self.show(&route.order_id, deadline).await;
                route.reply(answer)
            }
            Err(reply) => reply,
        };
        Ok(reply.response(&self.env.cors_origin, &request))
    }
}

/// Logs why a call to an AWS service failed. Callers read only that the API is unavailable.
pub(crate) fn log(fault: &Fault) {
    tracing::error!(error = %fault, "a service behind the API is unavailable");
}
