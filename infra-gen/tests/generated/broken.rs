//! Topologies that compile and are still wrong: each is refused, with the address and the rule.

use contracts::{
    functions::{ApiHandler, ApiHandlerEnv},
    kind::Function,
    order::OrderSubmitted,
    path::Expr,
    read::RequestBody,
    setting::LogLevel,
};
use infra_gen::{
    check,
    config::Origin,
    model::{
        Handle, Module, ModuleName, Stack, Wire,
        alarm::{AlarmSpec, Signal, Statistic},
        firewall::FirewallSpec,
        flow::{self, Test as _},
        limits::{
            BurstLimit, CallerRate, DailyQuota, EvaluationPeriods, FunctionTimeout,
            KeyDeletionWindow, Period, RateLimit, StateTimeout, WaitSeconds,
        },
        machine::MachineSpec,
        metric::QueueMetric,
        quotas::{Bucket, Quotas, Taken},
        rest_api::{Callers, HttpMethod, RestApi, RestApiSpec, Route, RoutePath, route},
        trigger::EventSourceSpec,
    },
    render, resource,
};

use crate::kit::*;

/// The stack breaks exactly this rule, there.
#[track_caller]
fn check(rule: &str, address: &str, broken: impl FnOnce(&mut Stack)) {
    check_named("dofs-test", rule, address, broken);
}

#[track_caller]
fn check_named(prefix: &str, rule: &str, address: &str, broken: impl FnOnce(&mut Stack)) {
    let mut stack = stack(prefix);
    broken(&mut stack);
    let found = check::stack(&stack.finish());
    let listed: Vec<String> = found.iter().map(ToString::to_string).collect();
    let listed = listed.join("\n");
    assert!(
        found.iter().any(|it| it.rule == rule && it.address.starts_with(address)),
        "expected {rule} at {address}, found:\n{listed}"
    );
    assert!(found.iter().all(|it| it.rule == rule), "and nothing else, found:\n{listed}");
    assert!(found.iter().all(|it| !it.fix.is_empty() && !it.problem.is_empty()));
}

#[test]
fn a_whole_topology_is_fine() {
    let mut stack = stack("dofs-test");
    fulfill_order(&mut stack.module(A), FunctionTimeout::new(30), source());
    assert_eq!(check::stack(&stack.finish()), []);
}

#[test]
fn two_blocks_at_one_address() {
    check("stack/duplicate", "module.a.aws_dynamodb_table.orders", |stack| {
        table(&mut stack.module(A));
        table(&mut stack.module(A));
    });
}

#[test]
fn a_handle_of_another_stack() {
    let mut other = stack("other");
    let foreign = table(&mut other.module(B));
    check("stack/foreign-handle", "module.a.aws_", |stack| {
        let mut module = stack.module(A);
        let done = flow::put_item("Put", flow::put(&foreign, record(), flow::When::always()), TASK)
            .catching(
                |_| flow::leave(OrderSubmitted::caught(), &gone()),
                flow::leave(OrderSubmitted::caught(), &gone()),
            )
            .then(flow::succeed("Done"));
        machine(&mut module, done, HOUR);
    });
}

#[test]
fn an_output_of_another_stacks_handle() {
    let mut other = stack("other");
    let foreign = table(&mut other.module(B)).arn();
    check("stack/foreign-handle", "output.orders", |stack| {
        stack.output("orders", "Where orders are.", &foreign);
    });
}

fn record() -> contracts::order::OrderRecordAt<OrderSubmitted> {
    let order = OrderSubmitted::at();
    contracts::order::OrderRecordAt {
        order_id: order.order_id,
        customer_id: order.customer_id,
        product_id: order.product_id,
        quantity: order.quantity,
        price: order.price,
        total_amount: Expr::none(),
        status: Expr::literal(contracts::domain::OrderStatus::Processing),
        created_at: order.submitted_at.clone(),
        updated_at: order.submitted_at,
        validation_status: Expr::literal(contracts::domain::ValidationStatus::Valid),
        metadata: order.metadata,
        fulfillment_details: Expr::none(),
        failure_reason: Expr::none(),
        failure_timestamp: Expr::none(),
        error_message: Expr::none(),
        expires_at: Expr::none(),
        round: Expr::literal(0),
        dead_letter: Expr::none(),
    }
}

#[test]
fn two_attributes_by_one_name() {
    check("stack/label-clash", "module.c", |stack| {
        const C: ModuleName = ModuleName::new("c");
        let first = table(&mut stack.module(A));
        let second = table(&mut stack.module(B));
        let mut module = stack.module(C);
        for (name, table) in [("Put", &first), ("PutAgain", &second)] {
            let done = flow::put_item(name, flow::put(table, record(), flow::When::always()), TASK)
                .catching(
                    |_| flow::leave(OrderSubmitted::caught(), &gone()),
                    flow::leave(OrderSubmitted::caught(), &gone()),
                )
                .then(flow::succeed("Done"));
            let id = match name {
                "Put" => resource!(
                    /// One.
                    "one"
                ),
                _ => resource!(
                    /// Two.
                    "two"
                ),
            };
            let spec = MachineSpec { timeout: HOUR, log_retention: WEEK };
            module.state_machine(id, spec, done);
        }
    });
}

/// The example of the README.
pub(crate) fn too_soon() -> infra_gen::model::stack::Finished {
    let mut stack = stack("dofs-test");
    fulfill_order(&mut stack.module(A), LONG, source());
    stack.finish()
}

#[test]
fn a_message_that_comes_back_too_soon() {
    check("limit/visibility", "module.a.aws_sqs_queue.alive", |stack| {
        fulfill_order(&mut stack.module(A), LONG, source());
    });
}

#[test]
fn a_queue_that_keeps_more_busy_than_are_reserved() {
    check(
        "limit/event-source-concurrency",
        "module.a.aws_lambda_event_source_mapping.feed",
        |stack| {
            let spec = EventSourceSpec { maximum_concurrency: TOO_BUSY, ..source() };
            fulfill_order(&mut stack.module(A), SHORT, spec);
        },
    );
}

#[test]
fn a_big_batch_without_a_window() {
    check("limit/batch-window", "module.a.aws_lambda_event_source_mapping.feed", |stack| {
        let spec = EventSourceSpec { batch_size: BIG_BATCH, ..source() };
        fulfill_order(&mut stack.module(A), SHORT, spec);
    });
}

#[test]
fn dead_letters_that_do_not_outlive_the_queue() {
    check("limit/dlq-retention", "module.a.aws_sqs_queue.dead", |stack| {
        queue(&mut stack.module(A), TWO_DAYS, TWO_DAYS);
    });
}

#[test]
fn a_state_that_gives_up_before_its_function() {
    check("limit/state-timeout", "module.a.aws_lambda_function.validator", |stack| {
        let mut module = stack.module(A);
        let flow = validating(&mut module, LONG);
        machine(&mut module, flow, HOUR);
    });
}

#[test]
fn a_machine_that_ends_before_its_attempts_do() {
    const MINUTE: StateTimeout = StateTimeout::new(30);
    check("asl/timeout-chain", "module.a.aws_sfn_state_machine.machine", |stack| {
        let mut module = stack.module(A);
        let flow = validating(&mut module, SHORT);
        machine(&mut module, flow, MINUTE);
    });
}

#[test]
fn two_states_of_one_name() {
    const SOON: WaitSeconds = WaitSeconds::new(1);
    const LATER: WaitSeconds = WaitSeconds::new(2);
    check("asl/duplicate-state", "module.a.aws_sfn_state_machine.machine", |stack| {
        let mut module = stack.module(A);
        let one = vec![(OrderSubmitted::at().quantity.is(1), flow::wait("Again", SOON))];
        let flow =
            flow::choice("One?", one, flow::wait("Again", LATER)).then(flow::succeed("Done"));
        machine(&mut module, flow, HOUR);
    });
}

#[test]
fn a_state_name_that_is_too_long() {
    check("asl/state-name", "module.a.aws_sfn_state_machine.machine", |stack| {
        const NAME: &str =
            "Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long Long";
        machine(&mut stack.module(A), flow::succeed(NAME), HOUR);
    });
}

#[test]
fn a_function_that_outlasts_the_gateway() {
    check("limit/integration-timeout", "module.a.aws_lambda_function.api", |stack| {
        api(&mut stack.module(A), LONG, Origin::ANY);
    });
}

fn api(module: &mut Module<'_>, timeout: FunctionTimeout, origin: Origin) {
    api_for(module, timeout, origin, Callers::Anyone);
}

fn api_for(
    module: &mut Module<'_>,
    timeout: FunctionTimeout,
    origin: Origin,
    callers: Callers,
) -> Handle<RestApi> {
    api_with(module, timeout, origin, callers, (RateLimit::new(1), BurstLimit::new(1)))
}

fn api_with(
    module: &mut Module<'_>,
    timeout: FunctionTimeout,
    origin: Origin,
    callers: Callers,
    limits: (RateLimit, BurstLimit),
) -> Handle<RestApi> {
    api_of(module, timeout, origin, callers, limits, |it| it)
}

fn api_of(
    module: &mut Module<'_>,
    timeout: FunctionTimeout,
    origin: Origin,
    callers: Callers,
    (rate, burst): (RateLimit, BurstLimit),
    with: impl FnOnce(Route) -> Route,
) -> Handle<RestApi> {
    const ORDER: RoutePath = RoutePath::new("/order");
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
    let function: Handle<Function<ApiHandler>> = module.function(
        resource!(
            /// Answers.
            "api"
        ),
        spec(
            ApiHandlerEnv {
                order_machine: machine.access(),
                orders: orders.access(),
                cors_origin: Wire::setting("*".to_owned()),
                log_level: Wire::setting(LogLevel::Info),
                metrics_namespace: Wire::setting("n".to_owned()),
            },
            timeout,
        ),
    );
    module.rest_api(
        resource!(
            /// The API.
            "orders"
        ),
        RestApiSpec {
            stage: "dev",
            routes: vec![with(route(HttpMethod::Get, ORDER, &function))],
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
        let found = check::stack(&stack.finish());
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
    let lower =
        |rate: u32, burst: u32| format!("lower the rate to {rate} and the burst to {burst}");
    over(300, 1300, none, 5000, &[]);
    over(301, 1300, none, 5000, &[&lower(300, 1300)]);
    over(300, 1301, none, 5000, &[&lower(300, 1300)]);
    over(200, 1000, none, 100, &[&lower(100, 100)]);
    // Another environment in the same account uses the same quotas.
    let taken = Taken { concurrency: 0, requests: Bucket { size: 300, refill: 100 } };
    over(200, 1000, taken, 5000, &[]);
    over(201, 1000, taken, 5000, &[&lower(200, 1000)]);
    // API Gateway has a quota of its own, behind which everything else is too much as well.
    let taken = Taken { concurrency: 0, requests: Bucket { size: 0, refill: 10_000 } };
    over(1, 1, taken, 50_000, &[&lower(0, 5000), &lower(0, 1300)]);
}

/// `TEN` is what the function of the API reserves, and Lambda keeps 100.
#[test]
fn functions_that_leave_the_account_nothing() {
    #[track_caller]
    fn check(concurrency: u32, taken: u32, broken: bool) {
        let mut stack = stack("dofs-test");
        let requests = Bucket::default();
        let quotas = Quotas { concurrency, ..stack.quotas() };
        stack.set_quotas(quotas, Taken { concurrency: taken, requests });
        api(&mut stack.module(A), SHORT, Origin::ANY);
        let found = check::stack(&stack.finish());
        let told: Vec<_> = found.iter().map(|it| (it.rule, it.address.as_str())).collect();
        let at = "module.a.aws_lambda_function.api.reserved_concurrent_executions";
        let expected = [("limit/reserved-concurrency", at)];
        assert_eq!(told, if broken { &expected[..] } else { &[] });
        assert!(found.iter().all(|it| it.fix.contains("L-B99A9384")), "{found:?}");
    }
    check(110, 0, false);
    check(109, 0, true);
    check(310, 200, false);
    check(309, 200, true);
    // A new account.
    check(10, 0, true);
}

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

    fn __read(_: &mut contracts::read::Fields<'_>) -> Option<Self> {
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

#[test]
fn who_may_call_is_a_choice() {
    /// What stands in the method, in the plan, and in the answer to who shows nothing.
    #[track_caller]
    fn check(callers: Callers, method: (&str, bool), plans: usize, answer: &str) {
        let mut stack = stack("dofs-test");
        let api = api_for(&mut stack.module(A), SHORT, Origin::ANY, callers);
        assert_eq!(api.key().is_some(), plans == 1);
        if let Some(key) = api.key() {
            stack.output("api_key", "The key.", key);
        }
        let stack = stack.finish();
        assert_eq!(check::stack(&stack), []);
        let files = infra_gen::render::root(&stack, None);
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
fn names_that_aws_refuses() {
    let prefix = "a-prefix-that-is-much-too-long-for-the-name-of-a-lambda-function";
    check_named(prefix, "limit/name-length", "module.a.aws_", |stack| {
        validator(&mut stack.module(A), "n", SHORT);
    });
}

#[test]
fn variables_that_lambda_refuses() {
    check("limit/environment-size", "module.a.aws_lambda_function.validator", |stack| {
        validator(&mut stack.module(A), &"n".repeat(5000), SHORT);
    });
}

#[test]
fn every_violation_says_which_line_it_comes_from() {
    let mut stack = stack("dofs-test");
    queue(&mut stack.module(A), TWO_DAYS, TWO_DAYS);
    let found = check::stack(&stack.finish());
    let source = found[0].source.as_deref().unwrap();
    assert!(source.contains("kit.rs:"), "{source}");
}

#[test]
fn a_redeploy_follows_from_any_change_of_the_api() {
    fn trigger(change: impl FnOnce(&mut Module<'_>)) -> String {
        let mut stack = stack("dofs-test");
        change(&mut stack.module(A));
        let files = infra_gen::render::root(&stack.finish(), None);
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
fn alarms_that_cloudwatch_refuses() {
    fn alarm(stack: &mut Stack, periods: EvaluationPeriods, breaching: EvaluationPeriods) {
        const WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(7);
        const HALF_AN_HOUR: Period = Period::seconds(1800);
        let mut module = stack.module(A);
        let watched = queue(&mut module, DAY, TWO_DAYS);
        let key = module.key(
            resource!(
                /// Encrypts.
                "alarms"
            ),
            WINDOW,
        );
        let topic = module.alarm_topic(
            resource!(
                /// Tells.
                "alarms"
            ),
            &key,
            &[],
        );
        let metric = watched.metric(QueueMetric::ApproximateAgeOfOldestMessage);
        let signal = Signal::Of(metric, Statistic::Maximum);
        let id = resource!(
            /// Wait.
            "late"
        );
        let spec = AlarmSpec {
            signal,
            above: 1.0,
            period: HALF_AN_HOUR,
            periods,
            breaching,
            notify: &topic,
        };
        module.alarm(id, spec);
    }
    const ONE: EvaluationPeriods = EvaluationPeriods::new(1);
    const TWO: EvaluationPeriods = EvaluationPeriods::new(2);
    const MANY: EvaluationPeriods = EvaluationPeriods::new(49);
    let late = "module.a.aws_cloudwatch_metric_alarm.late";
    check("limit/alarm-datapoints", late, |stack| alarm(stack, ONE, TWO));
    check("limit/alarm-window", late, |stack| alarm(stack, MANY, ONE));
}

#[test]
fn two_outputs_of_one_name() {
    check("stack/duplicate", "output.table", |stack| {
        let orders = table(&mut stack.module(A));
        stack.output("table", "One.", &orders.arn());
        stack.output("table", "Two.", &orders.arn());
    });
}
