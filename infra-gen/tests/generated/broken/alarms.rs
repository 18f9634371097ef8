//! Alarms.

use contracts::metric::OrderMetric;
use function_contract::{metric::Outcome, setting::Percent};
use infra_core::{
    model::{
        Handle, Module, Stack,
        alarm::AlarmSpec,
        flow,
        limits::{EvaluationPeriods, Period},
        metric::{ApiMetric, FunctionMetric, MachineMetric, Namespace, QueueMetric},
        policy::Posture,
        signal::Signal,
        unit::{Count, Milliseconds, Seconds, Share, Unit},
        watch::Watched,
    },
    resource,
};
use infra_gen::config::Origin;

use super::{api::waiting_api, check};
use crate::kit::*;

const ALARM: &str = "module.b.aws_cloudwatch_metric_alarm.late";

fn late<U: Unit>(module: &mut Module<'_>, spec: AlarmSpec<'_, U>) {
    module.alarm(
        resource!(
            /// Wait.
            "late"
        ),
        spec,
    );
}

#[test]
fn alarms_that_cloudwatch_refuses() {
    fn alarm(stack: &mut Stack, periods: EvaluationPeriods, breaching: EvaluationPeriods) {
        const HALF_AN_HOUR: Period = Period::seconds(1800);
        let age = queue(&mut stack.module(A), DAY, TWO_DAYS)
            .metric(QueueMetric::ApproximateAgeOfOldestMessage)
            .maximum();
        let mut module = stack.module(B);
        let topic = operators(&mut module);
        let spec = AlarmSpec::lasting(age, Seconds(1), &topic);
        late(&mut module, AlarmSpec { period: HALF_AN_HOUR, periods, breaching, ..spec });
    }
    const ONE: EvaluationPeriods = EvaluationPeriods::new(1);
    const TWO: EvaluationPeriods = EvaluationPeriods::new(2);
    const MANY: EvaluationPeriods = EvaluationPeriods::new(49);
    check("limit/alarm-datapoints", ALARM, |stack| alarm(stack, ONE, TWO));
    check("limit/alarm-window", ALARM, |stack| alarm(stack, MANY, ONE));
}

/// The rules and the problems of an alarm on this signal above this threshold.
#[track_caller]
fn found<U: Unit>(
    signal: impl FnOnce(&mut Module<'_>) -> Signal<U>,
    above: U,
) -> Vec<(&'static str, String)> {
    let mut stack = stack("dofs-test");
    let signal = signal(&mut stack.module(A));
    let mut module = stack.module(B);
    let topic = operators(&mut module);
    late(&mut module, AlarmSpec::lasting(signal, above, &topic));
    let found = infra_core::check::stack(&stack.finish()).into_iter();
    let found = found.filter(|it| it.rule.starts_with("limit/alarm"));
    found.map(|it| (it.rule, it.problem)).collect()
}

#[track_caller]
fn is_refused<U: Unit>(
    rule: &str,
    problem: &str,
    signal: impl FnOnce(&mut Module<'_>) -> Signal<U>,
    above: U,
) {
    let found = found(signal, above);
    let [(broken, text)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(*broken, rule);
    assert!(text.contains(problem), "{text}");
}

fn age(module: &mut Module<'_>) -> Signal<Seconds> {
    queue(module, DAY, TWO_DAYS).metric(QueueMetric::ApproximateAgeOfOldestMessage).maximum().into()
}

fn duration(module: &mut Module<'_>) -> Signal<Milliseconds> {
    validator(module, "n", SHORT).metric(FunctionMetric::Duration).p99().into()
}

fn at_once(module: &mut Module<'_>) -> Signal<Count> {
    validator(module, "n", SHORT).metric(FunctionMetric::ConcurrentExecutions).maximum().into()
}

fn latency(module: &mut Module<'_>) -> Signal<Milliseconds> {
    waiting_api(module, Origin::ANY).metric(ApiMetric::Latency).p99().into()
}

fn calls(module: &mut Module<'_>) -> Signal<Count> {
    validator(module, "n", SHORT).metric(FunctionMetric::Invocations).sum().into()
}

fn time(module: &mut Module<'_>) -> Signal<Milliseconds> {
    let flow = validating(module, SHORT);
    machine(module, flow, HOUR).metric(MachineMetric::ExecutionTime).average().into()
}

fn share(of: Outcome<OrderMetric>) -> impl FnOnce(&mut Module<'_>) -> Signal<Share> {
    move |module| namespace(module).share(of, 20)
}

fn namespace(_: &mut Module<'_>) -> Namespace<OrderMetric> {
    Namespace::new(stack("dofs-test").scope(), "orders")
}

#[test]
fn an_alarm_that_never_fires() {
    let never = "limit/alarm-never";
    is_refused(
        never,
        "above 10000 ms, but no value is above 10000 ms",
        duration,
        Milliseconds(10_000),
    );
    is_refused(
        never,
        "Lambda ends module.a.aws_lambda_function.validator after 10 s",
        duration,
        Milliseconds(30_000),
    );
    is_refused(never, "keeps a message for 86400 s", age, Seconds(86_400));
    is_refused(never, "has a reserved concurrency of 10", at_once, Count(10));
    is_refused(never, "no value is above 29000 ms", latency, Milliseconds(29_000));
    is_refused(never, "times out after 3600 s", time, Milliseconds(3_600_000));
    is_refused(never, "a share is at most 1", share(OrderMetric::FAILED), Share::nearest(1.2));
    assert_eq!(found(duration, Milliseconds(9_999)), []);
    assert_eq!(found(latency, Milliseconds(28_999)), []);
    assert_eq!(found(time, Milliseconds(3_599_999)), []);
    assert_eq!(found(age, Seconds(86_399)), []);
    assert_eq!(found(at_once, Count(9)), []);
    assert_eq!(found(share(OrderMetric::FAILED), Share::nearest(0.99)), []);
}

#[test]
fn an_alarm_that_always_fires() {
    let always = "limit/alarm-always";
    is_refused(
        always,
        "above 0, but values above 0 are usual, because the metric counts regular work",
        calls,
        Count(0),
    );
    is_refused(always, "every call takes some time", duration, Milliseconds(0));
    is_refused(always, "whatever waits has an age", age, Seconds(0));
    is_refused(always, "an answer may wait 1600 ms by design", latency, Milliseconds(1_600));
    is_refused(always, "counts regular work", share(OrderMetric::FAILED), Share::nearest(0.0));
    // A metric of regular work that the topology calls a fault.
    let accepted = |module: &mut Module<'_>| {
        namespace(module).faults(OrderMetric::OrdersAccepted).sum().into()
    };
    is_refused(always, "counts regular work", accepted, Count(0));
    let stuck =
        |module: &mut Module<'_>| namespace(module).faults(OrderMetric::OrdersStuck).sum().into();
    assert_eq!(found(stuck, Count(0)), []);
    assert_eq!(found(calls, Count(1)), []);
    assert_eq!(found(latency, Milliseconds(1_601)), []);
}

/// The rules and thresholds of an alarm on orders that fail instead of being fulfilled.
fn failing(good: u8, instead: f64) -> Vec<(&'static str, String)> {
    let mut stack = stack("dofs-test");
    let mut module = stack.module(B);
    let topic = operators(&mut module);
    let (orders, good) = (namespace(&mut module), Percent::new(good));
    let instead = Share::new(instead);
    let spec = AlarmSpec::failing_instead(&orders, OrderMetric::FAILED, good, instead, &topic);
    late(&mut module, spec);
    let found = infra_core::check::stack(&stack.finish()).into_iter();
    let found = found.filter(|it| it.rule.starts_with("limit/alarm"));
    found.map(|it| (it.rule, it.problem)).collect()
}

#[test]
fn failures_instead_of_successes_are_more_than_those_by_design() {
    fn is_refused(good: u8, instead: f64, rule: &str, problem: &str) {
        let found = failing(good, instead);
        assert!(found.iter().any(|it| it.0 == rule && it.1.contains(problem)), "{found:?}");
    }
    assert_eq!(failing(70, 0.3), []);
    assert_eq!(failing(100, 0.3), []);
    is_refused(70, 0.0, "limit/alarm-always", "because this share fails by design");
    is_refused(70, 0.999, "limit/alarm-never", "a share is at most 1");
    is_refused(0, 0.3, "limit/alarm-never", "a share is at most 1");
}

#[test]
fn an_alarm_on_the_calls_of_a_machine_without_calls() {
    let calls = |module: &mut Module<'_>| {
        let idle = machine(module, flow::succeed("Done"), HOUR);
        module.failed_calls(&idle)
    };
    is_refused("limit/alarm-never", "it adds up no metric", calls, Count(0));
}

#[test]
fn a_share_without_a_meaning() {
    let same = Outcome { part: OrderMetric::OrdersFailed, rest: OrderMetric::OrdersFailed };
    let problem = "the share of OrdersFailed in OrdersFailed";
    is_refused("limit/alarm-share", problem, share(same), Share::nearest(0.5));
    let of_none = |module: &mut Module<'_>| namespace(module).share(OrderMetric::FAILED, 0);
    is_refused("limit/alarm-share", "in no events is 0 / 0", of_none, Share::nearest(0.5));
}

/// Each kind breaks the policy without the alarms of `Module::watch`, and keeps it with them.
#[test]
fn the_ready_made_alarms_are_those_that_the_policy_asks_for() {
    fn is_missing<K: Watched>(
        add: impl FnOnce(&mut Module<'_>) -> Handle<K>,
        is_watched: bool,
    ) -> bool {
        let mut stack = stack("dofs-test");
        stack.set_posture(Posture::Production);
        let handle = add(&mut stack.module(A));
        if is_watched {
            let mut module = stack.module(B);
            let topic = operators(&mut module);
            module.watch(&handle, &topic);
        }
        let found = infra_core::check::stack(&stack.finish());
        let mut missing = found.iter().filter(|it| it.rule == "policy/alarm-missing");
        missing.any(|it| it.address == handle.address().as_str())
    }
    #[track_caller]
    fn check<K: Watched>(add: impl Fn(&mut Module<'_>) -> Handle<K>) {
        assert!(is_missing(&add, false), "the policy asks for no alarm");
        assert!(!is_missing(&add, true), "the policy asks for another alarm");
    }
    check(|module| validator(module, "n", SHORT));
    check(table);
    check(|module| queue(module, DAY, TWO_DAYS));
    check(|module| machine(module, flow::succeed("Done"), HOUR));
    check(|module| waiting_api(module, Origin::ANY));
}
