//! A route's path with a parameter that is not closed.

use infra_core::model::rest_api::RoutePath;

const PATH: RoutePath = RoutePath::new("/order/{orderId");

fn main() {}
