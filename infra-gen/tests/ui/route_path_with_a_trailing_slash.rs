//! A route's path that ends with a slash.

use infra_core::model::rest_api::RoutePath;

const PATH: RoutePath = RoutePath::new("/order/");

fn main() {}
