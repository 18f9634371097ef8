//! Blocks that are new, and set again what another block sets, or set something of what was there before.

use serde_json::{Value, json};

use super::{add, between, check, never};

const STAGE: &str = "${aws_api_gateway_stage.orders.stage_name}";
const API: &str = "${aws_api_gateway_rest_api.orders.id}";

fn api(tf_type: &'static str, body: Value, expected: &[&str]) {
    let at = format!("prod module.api_gateway.{tf_type}.more");
    let expected: Vec<_> = expected.iter().map(|it| format!("{it} {at}")).collect();
    let expected: Vec<_> = expected.iter().map(String::as_str).collect();
    check(add("prod", "api_gateway", tf_type, body), &expected);
}

/// A method's settings override those of `*/*`.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>
#[test]
fn settings_of_one_route_are_compared_with_those_of_all() {
    let settings = |settings: Value| {
        json!({ "rest_api_id": API, "stage_name": STAGE, "method_path": "order/POST",
            "settings": [settings] })
    };
    let tf_type = "aws_api_gateway_method_settings";
    let open = json!({ "throttling_rate_limit": -1, "throttling_burst_limit": 130,
        "metrics_enabled": true, "logging_level": "ERROR" });
    api(tf_type, settings(open), &["danger exposed", "warning unjudged"]);
    let shown = json!({ "throttling_rate_limit": 130, "throttling_burst_limit": 130,
        "metrics_enabled": true, "logging_level": "ERROR", "data_trace_enabled": true });
    api(tf_type, settings(shown), &["danger exposed"]);
    let closed = json!({ "throttling_rate_limit": 0, "throttling_burst_limit": 130,
        "metrics_enabled": false, "logging_level": "ERROR" });
    api(tf_type, settings(closed), &["danger stopped", "warning alarm-loosened"]);
}

/// A stage has one web ACL.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html>
#[test]
fn a_second_firewall_of_a_stage_is_compared_with_the_first() {
    let more = |tree: &mut super::Tree| {
        tree.file("prod/modules/api_gateway/main.tf.json", |it| {
            it["resource"]["aws_wafv2_web_acl"]["more"] = json!({ "name": "more",
                "scope": "REGIONAL", "default_action": [{ "allow": [{}] }],
                "visibility_config": [{ "cloudwatch_metrics_enabled": false,
                    "metric_name": "more", "sampled_requests_enabled": false }] });
            it["resource"]["aws_wafv2_web_acl_association"]["more"] = json!({
                "resource_arn": "${aws_api_gateway_stage.orders.arn}",
                "web_acl_arn": "${aws_wafv2_web_acl.more.arn}" });
        });
    };
    let acl = "prod module.api_gateway.aws_wafv2_web_acl.more";
    check(
        more,
        &[
            &format!("danger exposed {acl}"),
            &format!("warning alarm-loosened {acl}"),
            "warning unjudged prod module.api_gateway.aws_wafv2_web_acl_association.more",
        ],
    );
    // A stage that had none: what was let in can be stopped now.
    let without = |tree: &mut super::Tree| {
        tree.without("prod", "api_gateway", "aws_wafv2_web_acl_association.orders");
    };
    let told = "warning stopped prod module.api_gateway.aws_wafv2_web_acl_association.more";
    between(without, more, &[told]);
}

#[test]
fn a_change_that_opens_an_existing_stage_is_a_finding() {
    let plan = json!({ "name": "more", "api_stages": [{ "api_id": API, "stage": STAGE }] });
    api("aws_api_gateway_usage_plan", plan, &["warning exposed"]);
    let deployment = json!({ "rest_api_id": API, "stage_name": "prod" });
    api("aws_api_gateway_deployment", deployment, &["warning flow-changed"]);
    let response =
        json!({ "rest_api_id": API, "response_type": "ACCESS_DENIED", "status_code": "200" });
    api("aws_api_gateway_gateway_response", response, &["warning flow-changed"]);
    // In a root without a firewall.
    let stage = json!({ "stage_name": "more", "rest_api_id": API });
    check(
        add("dev", "api_gateway", "aws_api_gateway_stage", stage),
        &["warning exposed dev module.api_gateway.aws_api_gateway_stage.more"],
    );
}

#[test]
fn what_protects_a_bucket_is_not_set_twice_unseen() {
    let one = |tf_type: &'static str, mut body: Value, expected: &[&str]| {
        body["bucket"] = "${aws_s3_bucket.state.id}".into();
        let at = format!("bootstrap/prod module.account.{tf_type}.more");
        let expected: Vec<_> = expected.iter().map(|it| format!("{it} {at}")).collect();
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        check(add("bootstrap/prod", "account", tf_type, body), &expected);
    };
    let open = json!({ "block_public_acls": false, "block_public_policy": false,
        "ignore_public_acls": false, "restrict_public_buckets": false });
    one("aws_s3_bucket_public_access_block", open, &["danger exposed", "warning unjudged"]);
    let off = json!({ "versioning_configuration": [{ "status": "Suspended" }] });
    one("aws_s3_bucket_versioning", off, &["danger data-loss", "warning unjudged"]);
    let shared = json!({ "rule": [{ "object_ownership": "ObjectWriter" }] });
    one("aws_s3_bucket_ownership_controls", shared, &["danger exposed", "warning unjudged"]);
    let policy = json!({ "policy": "{\"Statement\":[]}" });
    one("aws_s3_bucket_policy", policy, &["warning unjudged"]);
}

#[test]
fn what_a_queue_and_an_alarm_do_is_not_set_twice_unseen() {
    let none = json!({ "queue_url": "${aws_sqs_queue.order_queue.id}", "redrive_policy": "{}" });
    let at = "prod module.sqs.aws_sqs_queue_redrive_policy.more";
    check(
        add("prod", "sqs", "aws_sqs_queue_redrive_policy", none),
        &[&format!("danger dlq-loosened {at}"), &format!("warning unjudged {at}")],
    );
    // A new consumer of the dead-letter queue, which had none.
    let source = json!({ "event_source_arn": "${var.order_dlq_arn}",
        "function_name": "${aws_lambda_alias.validator.arn}" });
    check(
        |tree| {
            add("prod", "lambdas", "aws_lambda_event_source_mapping", source.clone())(tree);
            tree.file("prod/main.tf.json", |it| {
                it["module"]["lambdas"]["order_dlq_arn"] = "${module.sqs.order_dlq_arn}".into();
            });
            tree.file("prod/modules/sqs/outputs.tf.json", |it| {
                it["output"]["order_dlq_arn"] =
                    json!({ "value": "${aws_sqs_queue.order_dlq.arn}" });
            });
        },
        &["warning flow-changed prod module.lambdas.aws_lambda_event_source_mapping.more"],
    );
    // An alarm is overwritten by one of its name.
    check(
        |tree| {
            tree.file("prod/modules/monitoring/main.tf.json", |it| {
                let alarms = &mut it["resource"]["aws_cloudwatch_metric_alarm"];
                let mut more = alarms["orders_stuck"].clone();
                more["actions_enabled"] = false.into();
                alarms["more"] = more;
            });
        },
        &["danger alarm-loosened prod module.monitoring.aws_cloudwatch_metric_alarm.more"],
    );
}

/// A block can name the resource that it belongs to in several ways.
#[test]
fn a_second_block_is_found_in_each_way_to_name_its_resource() {
    let policy = "aws_s3_bucket_policy";
    let told = "warning unjudged bootstrap/prod module.account.aws_s3_bucket_policy.more";
    let name = name_of_state();
    for bucket in ["${aws_s3_bucket.state.bucket}", "${aws_s3_bucket.state.id}", &name] {
        let body = json!({ "bucket": bucket, "policy": "{\"Statement\":[]}" });
        check(
            |tree| {
                tree.file("bootstrap/prod/modules/account/main.tf.json", |it| {
                    it["resource"][policy]["more"] = body.clone();
                });
            },
            &[told],
        );
    }
    let queue = json!({ "queue_url": "${aws_sqs_queue.order_queue.url}", "policy": "{}" });
    check(
        add("prod", "sqs", "aws_sqs_queue_policy", queue),
        &["warning unjudged prod module.sqs.aws_sqs_queue_policy.more"],
    );
    let method = "${aws_api_gateway_method.post_order.http_method}";
    for http_method in ["POST", method, "${aws_api_gateway_integration.post_order.http_method}"] {
        let body = json!({ "rest_api_id": API, "type": "MOCK", "http_method": http_method,
            "resource_id": "${aws_api_gateway_method.post_order.resource_id}" });
        api("aws_api_gateway_integration", body, &["warning unjudged"]);
    }
    // Another method of the same path is another integration.
    let body = json!({ "rest_api_id": API, "type": "MOCK", "http_method": "PUT",
        "resource_id": "${aws_api_gateway_method.post_order.resource_id}" });
    let more = add("prod", "api_gateway", "aws_api_gateway_integration", body);
    let wrong = "warning unjudged prod module.api_gateway.aws_api_gateway_integration.more";
    never(|_| (), more, wrong);
}

fn name_of_state() -> String {
    let mut name = String::new();
    let mut tree = super::Tree::today();
    tree.block("bootstrap/prod", "account", "aws_s3_bucket.state", |it| {
        name = it["bucket"].as_str().unwrap().to_owned();
    });
    name
}

const SOURCE: &str = "aws_lambda_event_source_mapping";
const TAKEN: &str = "module.lambdas.aws_lambda_event_source_mapping";

/// Another source of the same queue, for the function of this alias.
fn source(alias: &str, enabled: bool) -> Value {
    json!({ "event_source_arn": "${var.order_queue_arn}", "enabled": enabled,
        "function_name": format!("${{aws_lambda_alias.{alias}.arn}}") })
}

/// Messages of a queue that another function takes are taken, and go elsewhere.
#[test]
fn another_function_that_consumes_a_queue_is_named_in_the_finding() {
    let old = format!("{SOURCE}.fulfill_order");
    let instead = |alias: &'static str, enabled: bool| {
        let old = old.clone();
        move |tree: &mut super::Tree| {
            tree.without("prod", "lambdas", &old);
            add("prod", "lambdas", SOURCE, source(alias, enabled))(tree);
        }
    };
    let nobody = format!("danger dlq-loosened prod {TAKEN}.fulfill_order");
    let elsewhere = format!("warning flow-changed prod {TAKEN}.more");
    check(instead("validator", true), &[&elsewhere]);
    never(|_| (), instead("validator", true), &nobody);
    never(|_| (), instead("fulfill_order", true), &nobody);
    // One that is switched off takes nothing.
    check(instead("validator", false), &[&nobody]);
    // The old one stays, and is switched off.
    let off = |tree: &mut super::Tree| {
        tree.block("prod", "lambdas", &old, |it| it["enabled"] = false.into());
    };
    let off_and_instead = |tree: &mut super::Tree| {
        off(tree);
        add("prod", "lambdas", SOURCE, source("validator", true))(tree);
    };
    check(off, &[&nobody]);
    check(off_and_instead, &[&elsewhere]);
    never(|_| (), off_and_instead, &nobody);
    // Both take.
    check(add("prod", "lambdas", SOURCE, source("validator", true)), &[&elsewhere]);
}
