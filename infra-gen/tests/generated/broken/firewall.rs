//! Firewalls.

use function_contract::{api, api::Api, read::RequestBody};
use infra_core::{
    model::{
        firewall::FirewallSpec,
        limits::{BurstLimit, CallerRate, DailyQuota, RateLimit},
        rest_api::Callers,
    },
    render, resource,
};
use infra_gen::config::Origin;

use super::{
    api::{Done, One, api_on, api_with},
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
        violations(&stack.finish())
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
#[expect(unreachable_pub, reason = "the macro makes public types, of which this is a part")]
pub struct Long<const BYTES: usize>;

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

/// An API that takes a body of so many bytes.
macro_rules! long {
    ($($module:ident: $bytes:literal),*) => {$(
        mod $module {
            use super::*;

            api! {
                /// Takes a long body.
                pub enum Takes {
                    /// Takes it.
                    Take = POST / "order", takes Long<$bytes>, answers Done;
                }
            }
        }
    )*};
}
long!(sixteen: 16_384, more: 16_385, most: 65_536, too_long: 65_537);

#[test]
fn a_firewall_that_cannot_look_at_a_whole_body() {
    #[track_caller]
    fn check<T: Api>(inspected: &str, rules: &[&str]) {
        const RATE: CallerRate = CallerRate::new(1000);
        let mut stack = stack("dofs-test");
        let limits = (RateLimit::new(1), BurstLimit::new(1));
        let mut module = stack.module(A);
        let function = (SHORT, None);
        let api = api_on::<T>(&mut module, function, Origin::ANY, Callers::Anyone, limits);
        module.firewall(
            resource!(
                /// Stops.
                "orders"
            ),
            &api,
            FirewallSpec { from_one_caller: RATE, log_retention: WEEK },
        );
        let stack = stack.finish();
        let found = violations(&stack);
        assert_eq!(found.iter().map(|it| it.rule).collect::<Vec<_>>(), rules, "{found:?}");
        let main = &render::root(&stack, None)["modules/a/main.tf.json"];
        assert!(main.contains(inspected), "{inspected}");
    }
    check::<One>("KB_16", &[]);
    check::<sixteen::Takes>("KB_16", &[]);
    check::<more::Takes>("KB_32", &[]);
    check::<most::Takes>("KB_64", &[]);
    check::<too_long::Takes>("KB_64", &["limit/firewall-body"]);
}
