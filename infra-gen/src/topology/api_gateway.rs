//! The HTTP API.

use contracts::functions::ApiHandler;
use function_contract::kind::Function;

use super::{API_GATEWAY, API_KEY, API_URL};
use infra_core::model::{
    Handle, Stack,
    firewall::FirewallSpec,
    rest_api::{RestApi, RestApiSpec, routes},
};

use crate::{config::Config, resource};

pub(super) fn order_api(
    stack: &mut Stack,
    config: &Config,
    api_handler: &Handle<Function<ApiHandler>>,
) -> Handle<RestApi> {
    let api = stack.module(API_GATEWAY).rest_api(
        resource!(
            /// Takes orders, and reports their status.
            "orders"
        ),
        RestApiSpec {
            stage: config.environment.as_str(),
            routes: routes(api_handler),
            callers: config.callers,
            origin: config.origin,
            rate: config.rate,
            burst: config.burst,
            log_retention: config.log_retention,
        },
    );
    if let Some(limits) = config.firewall {
        stack.module(API_GATEWAY).firewall(
            resource!(
                /// Stops what attacks, floods or is too large before it costs a call.
                "orders"
            ),
            &api,
            FirewallSpec {
                from_one_caller: limits.from_one_caller,
                log_retention: config.log_retention,
            },
        );
    }
    if let Some(key) = api.key() {
        stack.output(API_KEY, "The value that callers send as x-api-key.", key);
    }
    stack.output(API_URL, "The URL in front of every route.", &api.url());
    api
}
