//! A route to a function that answers something else than what API Gateway takes.

use contracts::{api::OrderApi, functions::ValidatorEnv, order::OrderSubmitted};
use function_contract::{Contract, error::NoError, event::ApiRequest, kind::Function};
use infra_core::model::{
    Handle,
    rest_api::{Route, routes},
};

enum Taker {}

impl Contract for Taker {
    const BIN: &'static str = "taker";
    const DOC: &'static str = "Takes a request, and answers an order.";
    type Input = ApiRequest<OrderApi>;
    type Output = OrderSubmitted;
    type Error = NoError;
    type Env = ValidatorEnv;
}

fn wrong(function: &Handle<Function<Taker>>) -> Vec<Route> {
    routes(function)
}

fn main() {}
