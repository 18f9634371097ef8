//! A route to a function that takes something else than what API Gateway sends.

use contracts::{functions::ValidatorEnv, order::OrderSubmitted};
use function_contract::{Contract, error::NoError, event::ApiResponse, kind::Function};
use infra_core::model::{
    Handle,
    rest_api::{Route, routes},
};

enum Judge {}

impl Contract for Judge {
    const BIN: &'static str = "judge";
    const DOC: &'static str = "Takes an order, and answers a client.";
    type Input = OrderSubmitted;
    type Output = ApiResponse;
    type Error = NoError;
    type Env = ValidatorEnv;
}

fn wrong(function: &Handle<Function<Judge>>) -> Vec<Route> {
    routes(function)
}

fn main() {}
