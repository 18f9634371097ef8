//! A route to a function that answers something else than what API Gateway takes.

use contracts::{functions::ValidatorEnv, order::OrderSubmitted};
use function_contract::{Contract, error::NoError, event::ApiRequest, kind::Function};
use infra_core::model::{
    Handle,
    rest_api::{HttpMethod, Route, RoutePath, route},
};

enum Taker {}

impl Contract for Taker {
    const BIN: &'static str = "taker";
    const DOC: &'static str = "Takes a request, and answers an order.";
    type Input = ApiRequest;
    type Output = OrderSubmitted;
    type Error = NoError;
    type Env = ValidatorEnv;
}

fn wrong(path: RoutePath, function: &Handle<Function<Taker>>) -> Route {
    route(HttpMethod::Post, path, function)
}

fn main() {}
