//! The namespace of the metrics, and the origin of browsers, each in the place of the other.

use contracts::{functions::ApiHandlerEnv, metric::OrderMetric};
use infra_core::model::{Wired, metric::Namespace};

fn wrong(env: ApiHandlerEnv<Wired>, ours: &Namespace<OrderMetric>) -> ApiHandlerEnv<Wired> {
    ApiHandlerEnv { cors_origin: ours.setting(), ..env }
}

fn main() {}
