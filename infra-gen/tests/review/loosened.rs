//! Blocks that come with more than they show, and values that loosen what was agreed.

use serde_json::{Value, json};

use super::today::{Tree, add, between, check};

const MACHINE: &str = "module.stepfunctions.aws_sfn_state_machine.order";

fn machine(edit: impl Fn(&mut Value)) -> impl Fn(&mut Tree) {
    move |tree| tree.file("prod/modules/stepfunctions/order.asl.json", &edit)
}

fn function(edit: impl Fn(&mut Value)) -> impl Fn(&mut Tree) {
    move |tree| tree.block("prod", "lambdas", "aws_lambda_function.validator", &edit)
}

#[test]
fn a_new_block_with_the_rights_of_a_known_role_is_a_finding() {
    let widened = |root: &str, module: &str, tf_type: &str| {
        format!("warning rights-widened {root} module.{module}.{tf_type}.more")
    };
    let role = "${aws_iam_role.validator.arn}";
    check(
        add(
            "prod",
            "lambdas",
            "aws_lambda_function",
            json!({ "function_name": "x", "role": role }),
        ),
        &[&widened("prod", "lambdas", "aws_lambda_function")],
    );
    check(
        add(
            "prod",
            "lambdas",
            "aws_scheduler_schedule",
            json!({ "schedule_expression": "rate(1 day)", "target": [{ "arn": "x", "role_arn": role }] }),
        ),
        &[&widened("prod", "lambdas", "aws_scheduler_schedule")],
    );
    check(
        add(
            "prod",
            "lambdas",
            "aws_sfn_state_machine",
            json!({ "definition": "{}", "role_arn": "arn:aws:iam::333333333333:role/admin" }),
        ),
        &[&widened("prod", "lambdas", "aws_sfn_state_machine")],
    );
    let project = json!({ "name": "x", "service_role": "${aws_iam_role.delivery_build.arn}" });
    check(
        add("cicd", "cicd", "aws_codebuild_project", project),
        &[
            &widened("cicd", "cicd", "aws_codebuild_project"),
            "warning delivery-loosened cicd module.cicd.aws_codebuild_project.more",
        ],
    );
    check(
        add("cicd", "cicd", "aws_codepipeline", json!({ "name": "x" })),
        &["warning delivery-loosened cicd module.cicd.aws_codepipeline.more"],
    );
}

#[test]
fn a_new_block_that_opens_the_api_is_a_finding() {
    let stage =
        json!({ "stage_name": "more", "rest_api_id": "${aws_api_gateway_rest_api.orders.id}" });
    check(
        add("prod", "api_gateway", "aws_api_gateway_stage", stage),
        &["warning exposed prod module.api_gateway.aws_api_gateway_stage.more"],
    );
    let key = json!({ "key_id": "x", "key_type": "API_KEY",
        "usage_plan_id": "${aws_api_gateway_usage_plan.orders.id}" });
    check(
        add("prod", "api_gateway", "aws_api_gateway_usage_plan_key", key),
        &["warning exposed prod module.api_gateway.aws_api_gateway_usage_plan_key.more"],
    );
}

#[test]
fn a_new_block_that_names_another_account_is_a_finding() {
    let name = "${aws_lambda_function.validator.function_name}";
    for (tf_type, body) in [
        (
            "aws_lambda_event_source_mapping",
            json!({ "function_name": name, "event_source_arn": "arn:aws:sqs:ap-south-1:999999999999:x" }),
        ),
        (
            "aws_lambda_permission",
            json!({ "function_name": name, "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com",
                "source_arn": "arn:aws:s3:::x", "source_account": "999999999999" }),
        ),
        (
            "aws_s3_bucket_notification",
            json!({ "bucket": "x", "queue": [{ "queue_arn": "arn:aws:sqs:ap-south-1:999999999999:x" }] }),
        ),
    ] {
        let at = format!("module.lambdas.{tf_type}.more");
        check(add("prod", "lambdas", tf_type, body), &[&format!("warning exposed prod {at}")]);
    }
}

#[test]
fn a_changed_variable_of_a_function_is_a_finding() {
    let at = |severity: &str| {
        format!("{severity} flow-changed prod module.lambdas.aws_lambda_function.validator")
    };
    let set = |name: &'static str, value: &'static str| {
        function(move |it| it["environment"][0]["variables"][name] = value.into())
    };
    check(set("DRY_RUN", "true"), &[&at("warning")]);
    check(set("METRICS_NAMESPACE", "other"), &[&at("warning")]);
    for name in ["AWS_ENDPOINT_URL", "LD_PRELOAD", "_HANDLER", "HTTPS_PROXY"] {
        check(set(name, "x"), &[&at("danger")]);
        between(set(name, "y"), set(name, "x"), &[&at("danger")]);
    }
}

#[test]
fn what_a_condition_compares_is_the_condition() {
    let state = |name: &str| format!("warning flow-changed prod {MACHINE}/{name}");
    let (failure, rejection) = (state("RecordFailure"), state("RecordRejection"));
    const ITEMS: &str = "/States/RecordFailure/Arguments/TransactItems";
    let values = machine(|it| {
        let items = it.pointer_mut(ITEMS).unwrap().as_array_mut().unwrap();
        let all = items.iter_mut().flat_map(|it| it.as_object_mut().unwrap().values_mut());
        let with = all.into_iter().find(|it| it["ExpressionAttributeValues"].is_object()).unwrap();
        let values = with["ExpressionAttributeValues"].as_object_mut().unwrap();
        *values.values_mut().next().unwrap() = json!({ "S": "OTHER" });
    });
    check(values, &[&failure]);
    let names = machine(|it| {
        let names = &mut it["States"]["RecordRejection"]["Arguments"]["ExpressionAttributeNames"];
        *names.as_object_mut().unwrap().values_mut().next().unwrap() = "other".into();
    });
    check(names, &[&rejection]);
}

#[test]
fn a_state_that_passes_on_less_is_a_finding() {
    let state = |name: &str| format!("warning flow-changed prod {MACHINE}/{name}");
    let (failure, store) = (state("RecordFailure"), state("StoreOrder"));
    check(
        machine(|it| {
            let items = it.pointer_mut("/States/RecordFailure/Arguments/TransactItems").unwrap();
            items.as_array_mut().unwrap().pop().unwrap();
        }),
        &[&failure],
    );
    for value in [json!({}), json!(""), json!("{% {} %}"), Value::Null] {
        let set = |name: &'static str, value: Value| {
            machine(move |it| *it.pointer_mut(name).unwrap() = value.clone())
        };
        check(set("/States/StoreOrder/Arguments/Payload", value.clone()), &[&store]);
        check(set("/States/StoreOrder/Output", value.clone()), &[&store]);
        check(set("/States/StoreOrder/Catch/1/Output/orderId", value), &[&store]);
    }
    check(machine(|it| it["States"]["StoreOrder"]["TimeoutSeconds"] = 1.into()), &[&store]);
}

#[test]
fn less_time_memory_and_attempts_are_findings() {
    let queue = "aws_sqs_queue_redrive_policy.order_queue";
    check(
        |tree| {
            tree.block("prod", "sqs", queue, |it| {
                let text = it["redrive_policy"].as_str().unwrap();
                it["redrive_policy"] = text.replace("Count\":5", "Count\":1").into();
            });
        },
        &[&format!("warning dlq-loosened prod module.sqs.{queue}")],
    );
    let misfit = ["warning limits-misfit prod module.lambdas.aws_lambda_function.validator"];
    check(function(|it| it["timeout"] = 1.into()), &misfit);
    let memory = |size: u64| function(move |it| it["memory_size"] = size.into());
    between(memory(1024), memory(128), &misfit);
    check(
        |tree| {
            tree.block("prod", "api_gateway", "aws_api_gateway_integration.post_order", |it| {
                it["timeout_milliseconds"] = 50.into();
            });
        },
        &["warning limits-misfit prod module.api_gateway.aws_api_gateway_integration.post_order"],
    );
}

/// Half is as bad as less, and what bounds callers is lowered as what bounds functions.
#[test]
fn a_limit_that_falls_to_half_is_a_finding() {
    let stopped =
        |module: &str, address: &str| format!("warning stopped prod module.{module}.{address}");
    let set = |module: &'static str, address: &'static str, pointer: &'static str, value: u64| {
        move |tree: &mut Tree| {
            tree.block("prod", module, address, |it| {
                *it.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value.into();
            });
        }
    };
    for (address, pointer) in [
        ("aws_api_gateway_usage_plan.orders", "/quota_settings/0/limit"),
        ("aws_api_gateway_usage_plan.orders", "/throttle_settings/0/rate_limit"),
        ("aws_api_gateway_method_settings.orders", "/settings/0/throttling_rate_limit"),
        ("aws_api_gateway_method_settings.orders", "/settings/0/throttling_burst_limit"),
    ] {
        let told = stopped("api_gateway", address);
        between(
            set("api_gateway", address, pointer, 4),
            set("api_gateway", address, pointer, 2),
            &[&told],
        );
    }
    let misfit = ["warning limits-misfit prod module.lambdas.aws_lambda_function.validator"];
    let reserved =
        |count: u64| function(move |it| it["reserved_concurrent_executions"] = count.into());
    between(reserved(10), reserved(5), &misfit);
    let timeout = |seconds: u64| function(move |it| it["timeout"] = seconds.into());
    between(timeout(2), timeout(1), &misfit);
}

/// A second provider can work in another account.
#[test]
fn a_new_block_of_another_provider_is_a_finding() {
    let queue = json!({ "name": "x", "provider": "aws.other" });
    check(
        add("prod", "sqs", "aws_sqs_queue", queue),
        &["warning unjudged prod module.sqs.aws_sqs_queue.more"],
    );
}

#[test]
fn a_changed_expression_is_a_finding() {
    let with = |value: &'static str| function(move |it| it["timeout"] = value.into());
    let unjudged = ["warning unjudged prod module.lambdas.aws_lambda_function.validator"];
    between(with("${local.a}"), with("${local.b}"), &unjudged);
    check(
        function(|it| it["source_code_hash"] = "${filebase64sha256(\"other.zip\")}".into()),
        &["warning delivery-loosened prod module.lambdas.aws_lambda_function.validator"],
    );
}

#[test]
fn a_changed_text_of_an_approval_is_a_finding() {
    check(
        |tree| {
            tree.block("cicd", "cicd", "aws_codepipeline.deploy", |it| {
                let stages = it["stage"].as_array_mut().unwrap().iter_mut();
                let mut actions = stages.flat_map(|it| it["action"].as_array_mut().unwrap());
                let approval = actions.find(|it| it["category"] == "Approval").unwrap();
                approval["configuration"]["CustomData"] = "nothing changes".into();
            });
        },
        &["warning delivery-loosened cicd module.cicd.aws_codepipeline.deploy"],
    );
}

#[test]
fn a_directive_is_an_expression() {
    let unjudged = ["warning unjudged prod module.lambdas.aws_lambda_function.validator"];
    let off = "%{if true}0%{else}1%{endif}";
    check(function(|it| it["reserved_concurrent_executions"] = off.into()), &unjudged);
    check(
        |tree| {
            tree.block("prod", "lambdas", "aws_lambda_event_source_mapping.fulfill_order", |it| {
                it["enabled"] = "%{if true}false%{endif}".into();
            });
        },
        &["warning unjudged prod module.lambdas.aws_lambda_event_source_mapping.fulfill_order"],
    );
}

#[test]
fn a_changed_status_for_callers_is_a_finding() {
    let response = "aws_api_gateway_gateway_response.throttled";
    check(
        |tree| {
            tree.block("prod", "api_gateway", response, |it| it["status_code"] = "200".into());
        },
        &[&format!("warning flow-changed prod module.api_gateway.{response}")],
    );
}

#[test]
fn an_output_that_reveals_a_secret_is_a_finding() {
    let uncovered = json!({ "value": "${nonsensitive(module.api_gateway.orders_key_value)}" });
    check(
        |tree| tree.file("prod/outputs.tf.json", |it| it["output"]["more"] = uncovered.clone()),
        &["danger exposed prod output.more"],
    );
    check(
        |tree| tree.file("prod/outputs.tf.json", |it| it["output"]["api_url"] = uncovered.clone()),
        &["danger exposed prod output.api_url"],
    );
}

#[test]
fn another_version_of_the_provider_is_a_finding() {
    let told = ["warning delivery-loosened prod terraform"];
    let set = |value: &'static str| {
        move |tree: &mut Tree| {
            tree.file("prod/providers.tf.json", |it| {
                it["terraform"]["required_providers"]["aws"]["version"] = value.into();
            });
        }
    };
    check(set(">= 5.0"), &told);
    check(set("4.0.0"), &told);
}
