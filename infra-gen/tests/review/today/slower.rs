//! Slower, looser or higher by a number, and what does not start.

use serde_json::{Value, json};

use super::{Tree, between, check, lines, reviewed};

fn block(
    module: &'static str,
    address: &'static str,
    edit: impl Fn(&mut Value) + Copy,
) -> impl Fn(&mut Tree) + Copy {
    move |tree: &mut Tree| tree.block("prod", module, address, edit)
}

/// A package is built for one processor.
#[test]
fn another_processor_for_the_same_package_is_a_finding() {
    let function = "aws_lambda_function.validator";
    let told = format!("danger stopped prod module.lambdas.{function}");
    let arm = |it: &mut Value| it["architectures"] = json!(["arm64"]);
    let package = |it: &mut Value, path: &str| {
        it["filename"] = format!("${{var.package_dir}}/{path}.zip").into();
        it["source_code_hash"] =
            format!("${{filebase64sha256(\"${{var.package_dir}}/{path}.zip\")}}").into();
    };
    check(block("lambdas", function, arm), &[&told]);
    let other = |it: &mut Value| {
        arm(it);
        package(it, "arm64/other");
    };
    let loosened = format!("warning delivery-loosened prod module.lambdas.{function}");
    check(block("lambdas", function, other), &[&loosened]);
    check(block("lambdas", function, |it: &mut Value| package(it, "arm64/validator")), &[&told]);
    let (base, mut head) = (Tree::today(), Tree::today());
    head.block("prod", "lambdas", function, |it| {
        arm(it);
        package(it, "arm64/validator");
    });
    assert_eq!(lines(&reviewed(&base, &head)), [""; 0]);
}

#[test]
fn a_stage_that_admits_more_requests_is_a_finding() {
    let settings = "aws_api_gateway_method_settings.orders";
    let told = format!("warning exposed prod module.api_gateway.{settings}");
    for name in ["throttling_rate_limit", "throttling_burst_limit"] {
        check(
            |tree| {
                tree.block("prod", "api_gateway", settings, |it| {
                    it["settings"][0][name] = 1_000_000.into();
                });
            },
            &[&told],
        );
    }
}

#[test]
fn later_or_slower_work_is_a_finding() {
    let one = |module: &'static str, address: &'static str, edit: fn(&mut Value), rule: &str| {
        let told = format!("warning {rule} prod module.{module}.{address}");
        check(block(module, address, edit), &[&told]);
    };
    let source = "aws_lambda_event_source_mapping.fulfill_order";
    let slower = |it: &mut Value| it["scaling_config"][0]["maximum_concurrency"] = 2.into();
    one("lambdas", source, slower, "limits-misfit");
    one("lambdas", source, |it| it["batch_size"] = 10_000.into(), "limits-misfit");
    one("lambdas", source, |it| it["maximum_batching_window_in_seconds"] = 300.into(), "stopped");
    let hidden = |it: &mut Value| it["visibility_timeout_seconds"] = 43_200.into();
    one("sqs", "aws_sqs_queue.order_queue", hidden, "limits-misfit");
    let schedule = "aws_scheduler_schedule.reconcile_schedule";
    let window = |it: &mut Value| {
        it["flexible_time_window"] =
            json!([{ "mode": "FLEXIBLE", "maximum_window_in_minutes": 1440 }]);
    };
    one("lambdas", schedule, window, "stopped");
    check(
        |tree| {
            tree.block("cicd", "cicd", "aws_codebuild_project.build", |it| {
                it["queued_timeout"] = 5.into();
            });
        },
        &["warning limits-misfit cicd module.cicd.aws_codebuild_project.build"],
    );
}

/// A sum of half the time reaches its threshold half as often.
#[test]
fn a_sum_of_a_shorter_time_is_looser() {
    let alarm = "aws_cloudwatch_metric_alarm.api_5xx";
    let set = |period: u64, threshold: u64| {
        move |tree: &mut Tree| {
            tree.block("prod", "monitoring", alarm, |it| {
                *it = json!({ "alarm_name": "x", "comparison_operator": "GreaterThanThreshold",
                    "evaluation_periods": 1, "metric_name": "Errors", "namespace": "AWS/Lambda",
                    "statistic": "Sum", "period": period, "threshold": threshold });
            });
        }
    };
    let told = format!("warning alarm-loosened prod module.monitoring.{alarm}");
    between(set(300, 10), set(60, 10), &[&told]);
    let quiet = |base: &dyn Fn(&mut Tree), edit: &dyn Fn(&mut Tree)| {
        let (mut before, mut after) = (Tree::today(), Tree::today());
        base(&mut before);
        edit(&mut after);
        assert_eq!(lines(&reviewed(&before, &after)), [""; 0]);
    };
    quiet(&set(300, 10), &set(60, 2));
    quiet(&set(300, 0), &set(60, 0));
}

#[test]
fn small_changes_without_a_rule_are_findings() {
    check(
        |tree| {
            tree.file("prod/providers.tf.json", |it| {
                it["terraform"]["required_version"] = ">= 0.12".into();
            });
        },
        &["warning delivery-loosened prod terraform"],
    );
    let policy = "aws_sqs_queue_redrive_policy.order_queue";
    check(
        block("sqs", policy, |it: &mut Value| it["redrive_policy"] = "{}".into()),
        &[&format!("danger dlq-loosened prod module.sqs.{policy}")],
    );
    let deployment = "aws_api_gateway_deployment.orders";
    check(
        block("api_gateway", deployment, |it: &mut Value| {
            it["depends_on"]
                .as_array_mut()
                .unwrap()
                .retain(|it| it != "aws_api_gateway_integration.post_order");
        }),
        &[&format!("warning delivery-loosened prod module.api_gateway.{deployment}")],
    );
}
