//! Applies the committed roots of dev and prod to the emulator. A second plan has no changes. Then an update is applied,
//! and everything is destroyed. The emulator evaluates IAM: Terraform plans and applies in the roles of the deployment, which
//! an administrator has made.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod edits;
#[path = "../support/mod.rs"]
mod support;
mod unused;
mod update;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
    sync::Mutex,
    time::Instant,
};

use infra_core::model::delivery::rights::Does;
use infra_gen::{config::Environment, roots};
use local_aws::Faithfulness;
use serde_json::{Value, json};
use support::{Root, rights};

/// The provider is a program of 700 MB: one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Prints how long something took. It bypasses the test harness, which captures printed output.
fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = run();
    let seconds = begin.elapsed().as_secs_f64();
    let _ = writeln!(io::stderr(), "{what:<24} {seconds:>6.1} s");
    result
}

/// Applies a root, and plans it again into a file. Returns the output of the plan if it is not empty.
fn apply_and_plan(root: &Root, environment: Environment, name: &str) -> Option<String> {
    let plan = |file: &str| {
        let out = format!("-out={file}");
        root.take(Does::Plan);
        // As in the pipeline, without the lock, which the planning role may not take.
        root.output(&[
            "plan",
            "-input=false",
            "-lock=false",
            "-detailed-exitcode",
            "-parallelism=20",
            &out,
        ])
    };
    let first = timed(&format!("{name}: plan"), || plan("first.tfplan"));
    assert_eq!(first.status.code(), Some(2), "{first:?}");
    root.take(Does::Apply);
    const APPLY: &[&str] = &["apply", "-input=false", "-parallelism=20", "first.tfplan"];
    let said = timed(&format!("{name}: apply"), || root.run(APPLY));
    let resources = roots::environment(environment).resources;
    assert!(said.contains(&format!("{resources} added, 0 changed, 0 destroyed")), "{said}");
    let plan = timed(&format!("{name}: second plan"), || plan("again.tfplan"));
    let said = [plan.stdout, plan.stderr].map(|it| String::from_utf8(it).unwrap()).concat();
    match plan.status.code() {
        Some(0) => None,
        Some(2) => Some(said),
        _ => panic!("{said}"),
    }
}

/// Applies the committed files of an environment, and checks that a second plan is empty.
#[track_caller]
fn check(root: Root, environment: Environment) -> Root {
    if let Some(said) = apply_and_plan(&root, environment, environment.as_str()) {
        let differences = differences(&root.plan("again.tfplan"));
        panic!("the second plan is not empty: {differences:#?}\n{said}");
    }
    root
}

/// Updates and destroys an applied root in its roles. No call was denied, and each of their rights was needed, or is listed.
fn update_and_destroy(root: &Root, environment: Environment) {
    assert_eq!(rights::denied(root.emulator.log()), [""; 0]);
    update::write(root.folder());
    // Both roles have read each resource before.
    root.take(Does::Plan);
    const PLAN: &[&str] = &["plan", "-input=false", "-lock=false", "-refresh=false", "-out=update"];
    timed(&format!("{environment}: plan of update"), || root.run(PLAN));
    root.take(Does::Apply);
    const APPLY: &[&str] = &["apply", "-input=false", "-parallelism=20", "update"];
    timed(&format!("{environment}: update"), || root.run(APPLY));
    const DESTROY: &[&str] =
        &["destroy", "-input=false", "-auto-approve", "-parallelism=20", "-refresh=false"];
    timed(&format!("{environment}: destroy"), || root.run(DESTROY));
    assert_eq!(root.run(&["state", "list"]), "");
    assert_eq!(rights::denied_to_deployment(root.emulator.log()), [""; 0]);
    unused::check(root.emulator.log(), environment);
}

#[test]
fn a_second_plan_of_dev_is_empty_and_its_roles_suffice() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let dev = Environment::Dev;
    let init = || Root::init_in_roles("apply-dev", dev);
    let root = check(timed("dev: start and bootstrap", init), dev);
    update_and_destroy(&root, dev);
}

#[test]
fn a_second_plan_of_prod_is_empty_its_roles_suffice_and_the_review_sees_what_plans_of_edits_do() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let prod = Environment::Prod;
    let init = || Root::init_in_roles("apply-prod", prod);
    let root = check(timed("prod: start and bootstrap", init), prod);
    timed("prod: edits", || edits::check(&root, "prod"));
    root.restore("prod");
    update_and_destroy(&root, prod);
}

/// The differences without patches, by name. They are the reasons of `tracing`, `mock_integration`,
/// `alarm_put` and `alarm_describe`. The other patches change no plan.
#[test]
fn without_patches_the_known_things_differ() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(|it| it.into_inner());
    let init = || Root::init("apply-as-it-is", Environment::Dev, Faithfulness::AsItIs);
    let root = timed("as it is: start and init", init);
    apply_and_plan(&root, Environment::Dev, "as it is").unwrap();
    let found = differences(&root.plan("again.tfplan"));
    let known = known();
    let new: Vec<_> = found.difference(&known).collect();
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(new.is_empty() && gone.is_empty(), "new: {new:#?}\nno longer: {gone:#?}");
}

/// Returns every attribute that a plan would change, with the address of its resource.
fn differences(plan: &Value) -> BTreeSet<String> {
    let mut differences = BTreeSet::new();
    for change in plan["resource_changes"].as_array().unwrap() {
        let (address, change) = (change["address"].as_str().unwrap(), &change["change"]);
        if ["no-op", "read"].iter().any(|it| change["actions"] == json!([it])) {
            continue;
        }
        let (before, after) = (change["before"].as_object(), change["after"].as_object());
        let names = before.into_iter().chain(after).flatten().map(|(name, _)| name);
        // A value that is known only after the apply follows from another difference.
        let names = names.filter(|it| change["after_unknown"][it] != true);
        let names = names.filter(|it| {
            let value = |side: &str| Some(&change[side][it]).filter(|it| !is_empty(it)).cloned();
            value("before") != value("after")
        });
        differences.extend(names.map(|it| format!("{address} {it}")));
    }
    differences
}

/// Terraform distinguishes these values, and no API does.
fn is_empty(value: &Value) -> bool {
    [json!(null), json!(""), json!(0), json!([]), json!({})].contains(value)
}

fn known() -> BTreeSet<String> {
    const API: &str = "module.api_gateway.aws_api_gateway_integration";
    const ALARM: &str = "module.monitoring.aws_cloudwatch_metric_alarm";
    /// The arguments that differ in every alarm.
    const ALWAYS: &[&str] = &[
        "actions_enabled",
        "alarm_actions",
        "alarm_description",
        "ok_actions",
        "treat_missing_data",
    ];
    let mut known = BTreeSet::new();
    let mut add = |kind: &str, resources: &[&str], attributes: &[&str]| {
        for resource in resources {
            let address = format!("{kind}.{resource}");
            known.extend(attributes.iter().map(|it| format!("{address} {it}")));
        }
    };
    add("module.stepfunctions.aws_sfn_state_machine", &["order"], &["tracing_configuration"]);
    add(API, &["options_order", "options_order_orderid"], &["integration_http_method"]);
    for (alarm, attributes) in alarms() {
        add(ALARM, &[&alarm], ALWAYS);
        add(ALARM, &[&alarm], &attributes);
    }
    known
}

/// Every alarm of dev, and the arguments that differ in it, in addition to those that differ in all alarms: those of its metric.
/// An alarm on an expression has none of them, and an alarm on one of our metrics has no dimensions.
fn alarms() -> BTreeMap<String, Vec<&'static str>> {
    let files = roots::environment(Environment::Dev).files;
    let main: Value =
        serde_json::from_str(&files["generated/dev/modules/monitoring/main.tf.json"]).unwrap();
    let alarms = main["resource"]["aws_cloudwatch_metric_alarm"].as_object().unwrap();
    let of_a_metric = ["dimensions", "extended_statistic", "period", "statistic"];
    let said = |alarm: &Value| of_a_metric.into_iter().filter(|it| !alarm[it].is_null()).collect();
    alarms.iter().map(|(name, alarm)| (name.clone(), said(alarm))).collect()
}

/// Checks one alarm of each form against a list in this test.
#[test]
fn the_differences_of_an_alarm_depend_on_its_metric() {
    let alarms = alarms();
    let check = |alarm: &str, attributes: &[&str]| assert_eq!(alarms[alarm], attributes, "{alarm}");
    check("queue_age", &["dimensions", "period", "statistic"]);
    check("orders_stuck", &["period", "statistic"]);
    check("api_latency", &["dimensions", "extended_statistic", "period"]);
    check("orders_failed", &[]);
}
