//! Rights that are lost, and what is refused that was not: what needs them stops.

use serde_json::{Value, json};

use super::{Tree, between, check, lines, never, policy, reviewed};

fn stopped(severity: &str, address: &str) -> String {
    format!("{severity} stopped prod module.{address}")
}

#[test]
fn a_service_that_a_policy_no_longer_allows_is_a_finding() {
    // Without it every alarm is mute, without an error.
    let key = "aws_kms_key.alarms";
    check(
        |tree| {
            tree.block("prod", "monitoring", key, |it| {
                policy(it, |all| all.retain(|it| it["Sid"] != "AlarmsMayPublish"));
            });
        },
        &[&stopped("danger", "monitoring.aws_kms_key.alarms")],
    );
    let topic = stopped("danger", "monitoring.aws_sns_topic.alarms");
    let document = "data.aws_iam_policy_document.alarms";
    let is_service = |it: &Value| it.to_string().contains("cloudwatch.amazonaws.com");
    check(
        |tree| {
            tree.block("prod", "monitoring", document, |it| {
                it["statement"].as_array_mut().unwrap().retain(|it| !is_service(it));
            });
        },
        &[&topic],
    );
    check(|tree| tree.without("prod", "monitoring", "aws_sns_topic_policy.alarms"), &[&topic]);
    check(
        |tree| {
            tree.block("prod", "lambdas", "aws_iam_role.validator", |it| {
                it["assume_role_policy"] = json!({ "Statement": [] }).to_string().into();
            });
        },
        &[&stopped("danger", "lambdas.aws_iam_role.validator")],
    );
}

#[test]
fn a_right_that_a_role_loses_is_a_finding() {
    let role = stopped("warning", "lambdas.aws_iam_role.fulfill_order");
    check(
        |tree| {
            tree.block("prod", "lambdas", "data.aws_iam_policy_document.fulfill_order", |it| {
                let statements = it["statement"].as_array_mut().unwrap().iter_mut();
                let mut actions = statements.map(|it| it["actions"].as_array_mut().unwrap());
                let has = |it: &&mut Vec<Value>| it.contains(&json!("dynamodb:UpdateItem"));
                actions.find(has).unwrap().retain(|it| it != "dynamodb:UpdateItem");
            });
        },
        &[&role],
    );
    check(|tree| tree.without("prod", "lambdas", "aws_iam_role_policy.fulfill_order"), &[&role]);
    let attachment = "aws_iam_role_policy_attachment.api_gateway_logs";
    check(
        |tree| tree.without("bootstrap/prod", "account", attachment),
        &["warning stopped bootstrap/prod module.account.aws_iam_role.api_gateway_logs"],
    );
    let boundary = "aws_iam_policy.boundary_prod";
    check(
        |tree| {
            tree.block("bootstrap/prod", "delivery", boundary, |it| {
                it["policy"] = json!({ "Statement": [] }).to_string().into();
            });
        },
        &[&format!("warning stopped bootstrap/prod module.delivery.{boundary}")],
    );
}

#[test]
fn a_new_deny_statement_is_a_finding() {
    let refuse = |condition: Option<Value>| {
        move |tree: &mut Tree| {
            tree.file("prod/modules/sqs/main.tf.json", |it| {
                let mut statement = json!({ "effect": "Deny", "actions": ["sqs:SendMessage"],
                    "resources": ["${aws_sqs_queue.order_queue.arn}"],
                    "principals": [{ "type": "*", "identifiers": ["*"] }] });
                if let Some(condition) = condition.clone() {
                    statement["condition"] = condition;
                }
                let all = &mut it["data"]["aws_iam_policy_document"]["order_queue"]["statement"];
                all.as_array_mut().unwrap().push(statement);
            });
        }
    };
    let queue = "sqs.aws_sqs_queue.order_queue";
    check(refuse(None), &[&stopped("danger", queue)]);
    let condition =
        json!([{ "test": "StringNotEquals", "variable": "aws:PrincipalTag/a", "values": ["b"] }]);
    check(refuse(Some(condition)), &[&stopped("warning", queue)]);
}

/// A block that belongs to a removed one has no finding of its own.
#[test]
fn rights_on_what_goes_are_not_missed() {
    let (base, mut head) = (Tree::today(), Tree::today());
    let (function, alias) = ("aws_lambda_function.validator", "aws_lambda_alias.validator");
    for address in [function, alias, "aws_iam_role.validator", "aws_iam_role_policy.validator"] {
        head.without("prod", "lambdas", address);
    }
    let found = lines(&reviewed(&base, &head));
    let of_role = |it: &&String| it.contains(" stopped ") && it.ends_with("aws_iam_role.validator");
    assert_eq!(found.iter().filter(of_role).count(), 1, "{found:#?}");
}

/// Removed blocks that had no finding of their own: the route, its answers, and the policies that are reported at their role.
#[test]
fn a_block_that_goes_alone_is_a_finding() {
    for (address, severity, rule) in [
        ("aws_api_gateway_integration.post_order", "danger", "stopped"),
        ("aws_api_gateway_integration_response.options_order", "warning", "stopped"),
        ("aws_api_gateway_method_response.options_order", "warning", "stopped"),
        ("aws_api_gateway_gateway_response.throttled", "warning", "flow-changed"),
    ] {
        let told = format!("{severity} {rule} prod module.api_gateway.{address}");
        check(|tree| tree.without("prod", "api_gateway", address), &[&told]);
    }
    let notification = json!({ "bucket": "${aws_s3_bucket.artifacts.id}", "queue": [] });
    super::between(
        super::add("cicd", "cicd", "aws_s3_bucket_notification", notification),
        |tree| tree.without("cicd", "cicd", "aws_s3_bucket_notification.more"),
        &["warning stopped cicd module.cicd.aws_s3_bucket_notification.more"],
    );
}

/// A statement of the topic of alarms, with the condition that it has.
fn alarms_where(test: &'static str, values: Value) -> impl Fn(&mut Tree) {
    move |tree| {
        tree.block("prod", "monitoring", "data.aws_iam_policy_document.alarms", |it| {
            it["statement"][0]["condition"] = json!([{ "test": test, "values": values,
                "variable": "aws:SourceArn" }]);
        });
    }
}

fn without_statement(tree: &mut Tree) {
    tree.without("prod", "monitoring", STUCK);
    tree.block("prod", "monitoring", "data.aws_iam_policy_document.alarms", |it| {
        it["statement"].as_array_mut().unwrap().remove(0);
    });
}

const STUCK: &str = "aws_cloudwatch_metric_alarm.orders_stuck";
const STUCK_ARN: &str = "${aws_cloudwatch_metric_alarm.orders_stuck.arn}";
const API_5XX_ARN: &str = "${aws_cloudwatch_metric_alarm.api_5xx.arn}";

/// A right of several, of which one goes, is a right of those that stay.
#[test]
fn a_right_of_what_stays_is_missed_though_another_goes() {
    let topic = stopped("danger", "monitoring.aws_sns_topic.alarms");
    let both = || alarms_where("ArnEquals", json!([STUCK_ARN, API_5XX_ARN]));
    between(both(), without_statement, &[&topic]);
    // The removed alarm leaves the condition, too, so no publisher is lost.
    let edit = |tree: &mut Tree| {
        tree.without("prod", "monitoring", STUCK);
        alarms_where("ArnEquals", json!([API_5XX_ARN]))(tree);
    };
    never(both(), edit, &topic);
    never(alarms_where("ArnEquals", json!([STUCK_ARN])), without_statement, &topic);
    // Everything but what goes, and callers that name no ARN, stay.
    between(alarms_where("ArnNotEquals", json!([STUCK_ARN])), without_statement, &[&topic]);
    between(alarms_where("ArnLikeIfExists", json!([STUCK_ARN])), without_statement, &[&topic]);
}

#[test]
fn a_right_on_everything_but_what_goes_is_missed() {
    let document = "data.aws_iam_policy_document.fulfill_order";
    let base = |tree: &mut Tree| {
        tree.block("prod", "lambdas", document, |it| {
            it["statement"].as_array_mut().unwrap().push(json!({ "effect": "Allow",
                "actions": ["sqs:SendMessage"],
                "not_resources": ["${aws_lambda_alias.validator.arn}"] }));
        });
    };
    let edit = |tree: &mut Tree| {
        tree.without("prod", "lambdas", "aws_lambda_alias.validator");
        tree.block("prod", "lambdas", document, |it| {
            it["statement"].as_array_mut().unwrap().pop();
        });
    };
    between(base, edit, &[&stopped("warning", "lambdas.aws_iam_role.fulfill_order")]);
}
