//! The share of all requests in all requests.

use infra_core::model::{Handle, metric::ApiMetric, rest_api::RestApi, signal::Signal, unit::Share};

fn wrong(api: &Handle<RestApi>) -> Signal<Share> {
    api.share(ApiMetric::Count, 20)
}

fn main() {}
