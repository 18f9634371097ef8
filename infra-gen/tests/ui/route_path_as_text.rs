//! A path that is spelled again in the topology.

use contracts::functions::ApiHandler;
use function_contract::kind::Function;
use infra_core::model::{
    Handle,
    rest_api::{Route, routes},
};

fn wrong(function: &Handle<Function<ApiHandler>>) -> Vec<Route> {
    routes("/orders", function)
}

fn main() {}
