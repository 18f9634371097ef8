//! APIs.

use std::{marker::PhantomData, time::Duration};

use contracts::{api::OrderRequest, functions::ApiHandlerEnv};
use function_contract::{
    Contract, answers, api,
    api::Api,
    error::NoError,
    event::{ApiRequest, ApiResponse},
    kind::Function,
    payload,
    setting::LogLevel,
};
use infra_core::{
    model::{
        Handle, Module, Wire, flow,
        function::FunctionSpec,
        limits::{BurstLimit, DailyQuota, FunctionTimeout, RateLimit, ReservedConcurrency},
        machine::MachineSpec,
        quotas::{Bucket, Taken},
        rest_api::{Callers, RestApi, RestApiSpec, routes},
    },
    resource,
};
use infra_gen::config::Origin;

use super::{check, check_problem};
use crate::kit::*;

payload! {
    /// A piece of work.
    pub struct Deed, at DeedAt {
        /// Its number.
        number: u32,
    }
}

answers! {
    /// The answers to every route.
    pub enum Done {
        /// It is done.
        Deed(Deed) = 200;
    }
}

api! {
    /// One route.
    pub enum One {
        /// Reads.
        Read = GET / "order", answers Done;
    }
}

api! {
    /// Two routes that start what one may.
    pub enum Two {
        /// Starts.
        Start = POST / "order", answers Done;
        /// Starts, too.
        Again = POST / "again", answers Done;
    }
}

api! {
    /// A route with a body, and a route that waits.
    pub enum Waiting {
        /// Takes an order.
        Take = POST / "order", takes OrderRequest, answers Done;
        /// Waits.
        Wait = GET / "order", answers Done, waits Duration::from_millis(1_901);
    }
}

api! {
    /// A route that waits.
    pub enum Slow {
        /// Waits for another service.
        Linger = GET / "order", answers Done, waits Duration::from_millis(1_600);
    }
}

/// The contract of a function that takes the requests of an API.
pub(super) struct Answering<A>(PhantomData<A>);

impl<A: Api> Contract for Answering<A> {
    const BIN: &'static str = "api_handler";
    const DOC: &'static str = "Answers.";
    type Input = ApiRequest<A>;
    type Output = ApiResponse;
    type Error = NoError;
    type Env = ApiHandlerEnv;
}

#[test]
fn a_function_that_outlasts_the_gateway() {
    check("limit/integration-timeout", "module.a.aws_lambda_function.api", |stack| {
        api(&mut stack.module(A), LONG, Origin::ANY);
    });
}

pub(super) fn api(module: &mut Module<'_>, timeout: FunctionTimeout, origin: Origin) {
    api_for(module, timeout, origin, Callers::Anyone);
}

pub(super) fn api_for(
    module: &mut Module<'_>,
    timeout: FunctionTimeout,
    origin: Origin,
    callers: Callers,
) -> Handle<RestApi> {
    let limits = (RateLimit::new(1), BurstLimit::new(1));
    api_on::<One>(module, (timeout, Some(TEN)), origin, callers, limits)
}

/// An API with a route whose answers wait 1.6 seconds.
pub(super) fn waiting_api(module: &mut Module<'_>, origin: Origin) -> Handle<RestApi> {
    let limits = (RateLimit::new(1), BurstLimit::new(1));
    api_on::<Slow>(module, (SHORT, None), origin, Callers::Anyone, limits)
}

pub(super) fn api_with(
    module: &mut Module<'_>,
    timeout: FunctionTimeout,
    origin: Origin,
    callers: Callers,
    limits: (RateLimit, BurstLimit),
) -> Handle<RestApi> {
    api_on::<One>(module, (timeout, None), origin, callers, limits)
}

/// Adds an API whose requests lead to one function.
pub(super) fn api_on<A: Api>(
    module: &mut Module<'_>,
    (timeout, reserved): (FunctionTimeout, Option<ReservedConcurrency>),
    origin: Origin,
    callers: Callers,
    (rate, burst): (RateLimit, BurstLimit),
) -> Handle<RestApi> {
    let orders = table(module);
    let done = flow::succeed("Done");
    let machine = module.state_machine(
        resource!(
            /// Orders.
            "machine"
        ),
        MachineSpec { timeout: HOUR, log_retention: WEEK },
        done,
    );
    let env = ApiHandlerEnv {
        order_machine: machine.access(),
        orders: orders.access(),
        cors_origin: Wire::setting("*".to_owned()),
        log_level: Wire::setting(LogLevel::Info),
        metrics_namespace: Wire::setting("n".parse().unwrap()),
    };
    let function: Handle<Function<Answering<A>>> = module.function(
        resource!(
            /// Answers.
            "api"
        ),
        FunctionSpec { reserved_concurrency: reserved, ..spec(env, timeout) },
    );
    module.rest_api(
        resource!(
            /// The API.
            "orders"
        ),
        RestApiSpec {
            stage: "dev",
            routes: routes(&function),
            callers,
            origin,
            rate,
            burst,
            log_retention: WEEK,
        },
    )
}

/// The quotas are AWS's for Ireland: 1,300 executions at once and 300 a second, 5,000 states, 10,000
/// requests a second. Each execution here enters one state.
#[test]
fn an_api_that_lets_in_more_than_it_can_start() {
    #[track_caller]
    fn over(rate: u32, burst: u32, taken: Taken, transitions: u32, expected: &[&str]) {
        let mut stack = stack("dofs-test");
        let mut quotas = stack.quotas();
        quotas.state_transition = Bucket { size: transitions, refill: transitions };
        stack.set_quotas(quotas, taken);
        let limits = (RateLimit::new(rate), BurstLimit::new(burst));
        api_with(&mut stack.module(A), SHORT, Origin::ANY, Callers::Anyone, limits);
        let found = violations(&stack.finish());
        let at = "module.a.aws_api_gateway_method_settings.orders";
        assert!(
            found.iter().all(|it| it.rule == "limit/api-rate" && it.address == at),
            "{found:?}"
        );
        let fixes: Vec<&str> =
            found.iter().map(|it| it.fix.split(", or").next().unwrap()).collect();
        assert_eq!(fixes, expected, "{found:#?}");
    }
    let none = Taken::default();
    let lower = |rate: u32, burst: u32| {
        format!("lower the rate limit to {rate} and the burst limit to {burst}")
    };
    over(300, 1300, none, 5000, &[]);
    over(301, 1300, none, 5000, &[&lower(300, 1300)]);
    over(300, 1301, none, 5000, &[&lower(300, 1300)]);
    over(200, 1000, none, 100, &[&lower(100, 100)]);
    // Another environment in the same account uses the same quotas.
    let taken = Taken { concurrency: 0, requests: Bucket { size: 300, refill: 100 } };
    over(200, 1000, taken, 5000, &[]);
    over(201, 1000, taken, 5000, &[&lower(200, 1000)]);
    // API Gateway has a quota of its own, behind which everything else is too much as well. It counts preflights, too.
    let taken = Taken { concurrency: 0, requests: Bucket { size: 0, refill: 5_000 } };
    over(1, 1, taken, 50_000, &[&lower(0, 2500), &lower(0, 1300)]);
}

/// A stage's limits hold for each method: two routes that start executions start twice as many.
#[test]
fn an_api_with_two_routes_that_start_what_one_may() {
    #[track_caller]
    fn over(rate: u32, expected: &[&str]) {
        let mut stack = stack("dofs-test");
        let limits = (RateLimit::new(rate), BurstLimit::new(1));
        api_on::<Two>(&mut stack.module(A), (SHORT, None), Origin::ANY, Callers::Anyone, limits);
        let found = violations(&stack.finish());
        // They have no model of a body, either.
        let found = found.iter().filter(|it| it.rule == "limit/api-rate");
        let found: Vec<_> = found.map(|it| it.fix.split(", or").next().unwrap()).collect();
        assert_eq!(found, expected);
    }
    over(150, &[]);
    over(151, &["lower the rate limit to 150 and the burst limit to 650"]);
}

/// Ten at once on each of two routes, and five a second that wait for two seconds: `2 * 10 + 5 * 2`.
#[test]
fn an_api_whose_function_is_reserved_less_than_its_requests_need() {
    #[track_caller]
    fn found(reserved: u16) -> Vec<check::Violation> {
        let mut stack = stack("dofs-test");
        let limits = (RateLimit::new(5), BurstLimit::new(10));
        let function = (SHORT, Some(ReservedConcurrency::new(reserved)));
        api_on::<Waiting>(&mut stack.module(A), function, Origin::ANY, Callers::Anyone, limits);
        violations(&stack.finish())
    }
    assert_eq!(found(30), []);
    let broken = found(29);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0].rule, "limit/route-concurrency");
    assert_eq!(
        broken[0].address,
        "module.a.aws_lambda_function.api.reserved_concurrent_executions"
    );
    assert!(broken[0].fix.starts_with("reserve 30, or"), "{}", broken[0].fix);
}

#[test]
fn who_may_call_is_a_choice() {
    /// Checks the method, the usage plan, and the answer to a caller without credentials.
    #[track_caller]
    fn check(callers: Callers, method: (&str, bool), plans: usize, answer: &str) {
        let mut stack = stack("dofs-test");
        let api = api_for(&mut stack.module(A), SHORT, Origin::ANY, callers);
        assert_eq!(api.key().is_some(), plans == 1);
        if let Some(key) = api.key() {
            stack.output("api_key", "The key.", key);
        }
        let stack = stack.finish();
        assert_eq!(violations(&stack), []);
        let files = infra_core::render::root(&stack, None);
        let file =
            |path: &str| -> serde_json::Value { serde_json::from_str(&files[path]).unwrap() };
        let main = file("modules/a/main.tf.json");
        let of = |tf_type: &str| main["resource"][tf_type].clone();
        let get = &of("aws_api_gateway_method")["get_order"];
        assert_eq!(get["authorization"], method.0);
        assert_eq!(get["api_key_required"] == true, method.1);
        // A browser asks before it has anything to show.
        assert_eq!(of("aws_api_gateway_method")["options_order"]["authorization"], "NONE");
        let plan = of("aws_api_gateway_usage_plan");
        assert_eq!(plan.as_object().map_or(0, serde_json::Map::len), plans);
        let missing = &of("aws_api_gateway_gateway_response")["missing_authentication_token"];
        assert_eq!(missing["status_code"], answer);
        // Terraform shows no secret.
        for outputs in ["outputs.tf.json", "modules/a/outputs.tf.json"] {
            let outputs = file(outputs);
            for (name, output) in outputs["output"].as_object().into_iter().flatten() {
                assert_eq!(output["sensitive"] == true, name.contains("key"), "{name}");
            }
        }
    }
    const DAILY: DailyQuota = DailyQuota::new(1000);
    check(Callers::Anyone, ("NONE", false), 0, "404");
    check(Callers::WithKey { daily: DAILY }, ("NONE", true), 1, "404");
    check(Callers::Signed, ("AWS_IAM", false), 0, "403");
}

#[test]
fn a_redeploy_follows_from_any_change_of_the_api() {
    fn trigger(change: impl FnOnce(&mut Module<'_>)) -> String {
        let mut stack = stack("dofs-test");
        change(&mut stack.module(A));
        let files = infra_core::render::root(&stack.finish(), None);
        let main: serde_json::Value =
            serde_json::from_str(&files["modules/a/main.tf.json"]).unwrap();
        main["resource"]["aws_api_gateway_deployment"]["orders"]["triggers"].to_string()
    }
    let before = trigger(|module| api(module, SHORT, Origin::ANY));
    assert_eq!(before, trigger(|module| api(module, SHORT, Origin::ANY)));
    // Not part of the API: the function's timeout.
    const OTHER: FunctionTimeout = FunctionTimeout::new(11);
    assert_eq!(before, trigger(|module| api(module, OTHER, Origin::ANY)));
    // Part of it: a header of a preflight.
    const ELSEWHERE: Origin = Origin::new("https://elsewhere.example");
    assert_ne!(before, trigger(|module| api(module, SHORT, ELSEWHERE)));
}

#[test]
fn a_burst_below_the_rate() {
    #[track_caller]
    fn check(rate: u32, burst: u32, expected: Option<&str>) {
        let limits = (RateLimit::new(rate), BurstLimit::new(burst));
        check_problem("limit/burst", expected, |stack| {
            api_with(&mut stack.module(A), SHORT, Origin::ANY, Callers::Anyone, limits);
        });
    }
    check(5, 4, Some("its burst limit is 4, but its rate limit is 5"));
    check(5, 5, None);
}

/// 2 x 86,400 + 5 in a day.
#[test]
fn a_daily_quota_that_no_key_can_reach() {
    #[track_caller]
    fn check(daily: u32, expected: Option<&str>) {
        let callers = Callers::WithKey { daily: DailyQuota::new(daily) };
        let limits = (RateLimit::new(2), BurstLimit::new(5));
        check_problem("limit/daily-quota", expected, |stack| {
            api_with(&mut stack.module(A), SHORT, Origin::ANY, callers, limits);
        });
    }
    check(172_805, None);
    check(172_806, Some("it cannot send more than 172805"));
}

/// The route waits for 1,600 milliseconds.
#[test]
fn a_route_that_waits_until_its_function_is_ended() {
    #[track_caller]
    fn check(timeout: u16, expected: Option<&str>) {
        let function = (FunctionTimeout::new(timeout), None);
        let limits = (RateLimit::new(1), BurstLimit::new(1));
        check_problem("limit/route-wait", expected, |stack| {
            let module = &mut stack.module(A);
            api_on::<Slow>(module, function, Origin::ANY, Callers::Anyone, limits);
        });
    }
    check(2, None);
    check(1, Some("wait for 1600 ms before it answers, but Lambda ends it after 1 s"));
}
