//! Blocks that are made anew because another one changes.

use infra_review::TerraformAction;
use serde_json::{Value, json};

use super::{Tree, edited, silent};

/// Checks which blocks the review reports as replaced by an edit of prod, in addition to the edited one.
#[track_caller]
fn check(module: &str, block: &str, argument: &str, value: &str, expected: &[&str]) {
    let review = edited(
        |_| (),
        |tree: &mut Tree| tree.block("prod", module, block, |it| it[argument] = json!(value)),
    );
    let replaced = review.changes.iter().filter(|it| it.action == TerraformAction::Replace);
    let replaced: Vec<&String> = replaced.flat_map(|it| &it.addresses).collect();
    for it in expected {
        assert!(replaced.iter().any(|found| found == it), "{it} is not in {replaced:?}");
    }
}

/// A name that is given is known before AWS has made anything, and is another one all the same.
#[test]
fn another_name_replaces_what_is_found_by_it() {
    check(
        "lambdas",
        "aws_lambda_function.api_handler",
        "function_name",
        "other",
        &[
            "module.lambdas.aws_lambda_alias.api_handler",
            "module.api_gateway.aws_lambda_permission.get_order_orderid",
        ],
    );
    check(
        "api_gateway",
        "aws_api_gateway_stage.orders",
        "stage_name",
        "other",
        &["module.api_gateway.aws_api_gateway_method_settings.orders"],
    );
    check(
        "api_gateway",
        "aws_api_gateway_method.options_order",
        "http_method",
        "HEAD",
        &[
            "module.api_gateway.aws_api_gateway_integration.options_order",
            "module.api_gateway.aws_api_gateway_integration_response.options_order",
        ],
    );
    check(
        "lambdas",
        "aws_lambda_alias.api_handler",
        "name",
        "other",
        &["module.api_gateway.aws_lambda_permission.get_order_orderid"],
    );
}

/// Returns Terraform's action on a block of prod after an edit of its module.
#[track_caller]
fn action(module: &str, block: &str, edit: impl FnOnce(&mut Tree)) -> Option<TerraformAction> {
    let review = edited(|_| (), edit);
    let address = format!("module.{module}.{block}");
    let change = review.changes.iter().find(|it| it.addresses.contains(&address));
    change.map(|it| it.action)
}

/// A block that is the same in AWS is left alone, however it is written.
#[test]
fn a_block_without_an_action_is_not_a_change() {
    #[track_caller]
    fn check(module: &str, block: &str, name: &str, value: Value) {
        let edit = |tree: &mut Tree| tree.block("prod", module, block, |it| it[name] = value);
        assert_eq!(action(module, block, edit), Some(TerraformAction::Keep), "{block} {name}");
    }
    let api = "aws_api_gateway_rest_api.orders";
    check("api_gateway", api, "lifecycle", json!({ "prevent_destroy": true }));
    check("api_gateway", api, "lifecycle", json!({ "ignore_changes": ["name"] }));
    check("sqs", "aws_sqs_queue_policy.order_dlq", "count", json!(1));
    // How long the provider waits for AWS.
    check("lambdas", "aws_lambda_function.validator", "timeouts", json!({ "create": "20m" }));
    // The same name, by another way.
    let integration = "aws_api_gateway_integration.options_order";
    check("api_gateway", integration, "http_method", json!("OPTIONS"));
    // AWS has a name, and Terraform has it from there.
    check("monitoring", "aws_kms_alias.alarms", "name", Value::Null);
    check("sqs", "aws_sqs_queue.order_queue", "name", Value::Null);
    // Who may assume the role is the same.
    let trust = json!("${data.aws_iam_policy_document.reconcile_orders_trust.json}");
    check("lambdas", "aws_iam_role.fulfill_order", "assume_role_policy", trust);

    // Another one by `count`, or none, is a change.
    let made = |count: u8| {
        let block = "aws_sqs_queue_policy.order_dlq";
        action("sqs", block, |tree| {
            tree.block("prod", "sqs", block, |it| it["count"] = json!(count))
        })
    };
    assert_eq!(made(2), Some(TerraformAction::Update));
    assert_eq!(made(0), Some(TerraformAction::Delete));
    // One of two actions goes: the argument is still there.
    let alarm = "aws_cloudwatch_metric_alarm.orders_stuck";
    let gone = |tree: &mut Tree| {
        tree.block("prod", "monitoring", alarm, |it| it["alarm_actions"] = json!([]));
    };
    assert_eq!(action("monitoring", alarm, gone), Some(TerraformAction::Update));
}

/// Dimensions of alarms name the API by its name, which a new block with the same name has, too.
#[test]
fn a_block_with_another_address_and_the_same_name_changes_no_alarm() {
    let review = edited(
        |_| (),
        |tree: &mut Tree| {
            for file in ["main", "outputs"] {
                let path = format!("generated/prod/modules/api_gateway/{file}.tf.json");
                let text = tree.0.get_mut(&path).unwrap();
                *text = text
                    .replace("aws_api_gateway_rest_api.orders", "aws_api_gateway_rest_api.other");
            }
            tree.file("prod/modules/api_gateway/main.tf.json", |it| {
                let apis = &mut it["resource"]["aws_api_gateway_rest_api"];
                let api = apis["orders"].take();
                *apis = json!({ "other": api });
            });
        },
    );
    for change in review.changes.iter().filter(|it| it.action != TerraformAction::Keep) {
        let mut alarms = change.addresses.iter().filter(|it| it.contains("module.monitoring."));
        assert_eq!(alarms.next(), None, "{:?}", change.action);
    }
}

/// Brackets around a reference, and a number that is written as an expression.
#[test]
fn an_expression_with_no_effect_is_not_a_finding() {
    #[track_caller]
    fn check(module: &str, block: &str, name: &str, value: &str) {
        silent(|tree| tree.block("prod", module, block, |it| it[name] = json!(value)));
    }
    check("sqs", "aws_kms_alias.queues", "target_key_id", "${(aws_kms_key.queues.key_id)}");
    check("sqs", "aws_sqs_queue_policy.order_dlq", "queue_url", "${(aws_sqs_queue.order_dlq.id)}");
    check("sqs", "aws_sqs_queue.order_queue", "visibility_timeout_seconds", "${180}");
    check("sqs", "aws_kms_key.queues", "enable_key_rotation", "${true}");
    check("sqs", "aws_sqs_queue.order_queue", "name", "${\"dofs-prod-order-queue\"}");
}

/// The firewall's log leaves the same out in any order, and an empty list is none.
#[test]
fn values_that_the_provider_treats_as_equal_are_not_a_finding() {
    silent(|tree| {
        let log = "aws_wafv2_web_acl_logging_configuration.orders";
        tree.block("prod", "api_gateway", log, |it| {
            it["redacted_fields"].as_array_mut().unwrap().reverse();
        });
    });
    silent(|tree| {
        let mapping = "aws_lambda_event_source_mapping.fulfill_order";
        tree.block("prod", "lambdas", mapping, |it| it["queues"] = json!([]));
    });
    silent(|tree| {
        let response = "aws_api_gateway_method_response.options_order";
        tree.block("prod", "api_gateway", response, |it| it["response_models"] = json!({}));
    });
}
