//! Takes orders over HTTP, and tells where they stand.
//!
//! - [`post`]: `POST /order`.
//! - [`get`]: `GET /order/{orderId}`.
//! - [`request`]: what a request must be before anybody looks at its values.
//! - [`answer`]: every answer there is.

pub mod answer;
pub mod get;
pub mod post;
pub mod request;

use contracts::{
    env::Live,
    error::NoError,
    event::{ApiRequest, ApiResponse},
    functions::{self, ApiHandlerEnv},
};
use runtime::{
    handler::{Failure, Handler, Invocation},
    port::Outside,
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
}

impl<W: Outside> Handler<functions::ApiHandler> for ApiHandler<W> {
    /// Whatever goes wrong has an answer, so this never fails: API Gateway would turn a failure into
    /// an answer without a reason.
    async fn handle(
        &self,
        request: ApiRequest,
        _: &Invocation,
    ) -> Result<ApiResponse, Failure<NoError>> {
        let answer = match (request.http_method.as_str(), request.resource.as_str()) {
            ("POST", "/order") => self.post(&request).await,
            ("GET", "/order/{orderId}") => self.get(&request).await,
            _ => Answer::NoSuchRoute,
        };
        Ok(answer.response(&self.env.cors_origin, &request.request_context.request_id))
    }
}
