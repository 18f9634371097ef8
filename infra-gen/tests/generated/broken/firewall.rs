//! Firewalls.

use function_contract::read::RequestBody;
use infra_core::{
    model::{
        firewall::FirewallSpec,
        limits::{BurstLimit, CallerRate, DailyQuota, RateLimit},
        rest_api::{Callers, Route},
    },
    render, resource,
};
use infra_gen::config::Origin;

use super::{
    api::{api_of, api_with},
    check,
};
use crate::kit::*;

#[test]
fn a_firewall_that_stops_a_caller_within_the_limits_of_its_key() {
    const DAILY: DailyQuota = DailyQuota::new(1000);
    #[track_caller]
    fn found(callers: Callers, from_one_caller: CallerRate) -> Vec<check::Violation> {
        let mut stack = stack("dofs-test");
        // 2 x 300 + 5 in a window.
        let limits = (RateLimit::new(2), BurstLimit::new(5));
        let mut module = stack.module(A);
        let api = api_with(&mut module, SHORT, Origin::ANY, callers, limits);
        let spec = FirewallSpec { from_one_caller, log_retention: WEEK };
        module.firewall(
            resource!(
                /// Stops.
                "orders"
            ),
            &api,
            spec,
        );
        if let Some(key) = api.key() {
            stack.output("api_key", "The key.", key);
        }
        check::stack(&stack.finish())
    }
    let keys = Callers::WithKey { daily: DAILY };
    let broken = found(keys, CallerRate::new(604));
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0].rule, "limit/firewall-rate");
    assert_eq!(broken[0].address, "module.a.aws_wafv2_web_acl.orders");
    assert_eq!(found(keys, CallerRate::new(605)), []);
    // An address is one caller of many where the API knows nothing else of them.
    assert_eq!(found(Callers::Anyone, CallerRate::new(10)), []);
}

/// A body of so many bytes.
struct Long<const BYTES: usize>;

impl<const BYTES: usize> schemars::JsonSchema for Long<BYTES> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Long".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "object" })
    }
}

impl<const BYTES: usize> RequestBody for Long<BYTES> {
    const MOST_BYTES: usize = BYTES;
    const LARGEST_BYTES: usize = BYTES;
    const NAMES: &'static [&'static str] = &[];

    fn __read(_: &mut function_contract::read::Fields<'_>) -> Option<Self> {
        None
    }
}

#[test]
fn a_firewall_that_cannot_look_at_a_whole_body() {
    #[track_caller]
    fn check(with: impl FnOnce(Route) -> Route, inspected: &str, rules: &[&str]) {
        const RATE: CallerRate = CallerRate::new(1000);
        let mut stack = stack("dofs-test");
        let limits = (RateLimit::new(1), BurstLimit::new(1));
        let mut module = stack.module(A);
        let api = api_of(&mut module, SHORT, Origin::ANY, Callers::Anyone, limits, with);
        module.firewall(
            resource!(
                /// Stops.
                "orders"
            ),
            &api,
            FirewallSpec { from_one_caller: RATE, log_retention: WEEK },
        );
        let stack = stack.finish();
        let found = check::stack(&stack);
        assert_eq!(found.iter().map(|it| it.rule).collect::<Vec<_>>(), rules, "{found:?}");
        let main = &render::root(&stack, None)["modules/a/main.tf.json"];
        assert!(main.contains(inspected), "{inspected}");
    }
    check(|it| it, "KB_16", &[]);
    check(Route::body::<Long<16_384>>, "KB_16", &[]);
    check(Route::body::<Long<16_385>>, "KB_32", &[]);
    check(Route::body::<Long<65_536>>, "KB_64", &[]);
    check(Route::body::<Long<65_537>>, "KB_64", &["limit/firewall-body"]);
}
