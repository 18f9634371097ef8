//! Edits that the review cannot judge, and reports as such.

use serde_json::{Value, json};

use super::{Tree, between, check, lines, reviewed};

#[test]
fn what_is_not_followed_is_named() {
    let call = |edit: fn(&mut Value)| move |tree: &mut Tree| tree.file("prod/main.tf.json", edit);
    let unjudged = |address: &str| format!("warning unjudged prod {address}");
    let sqs = unjudged("module.sqs");
    check(
        call(|it| it["module"]["sqs"]["source"] = "git::https://example.com/sqs".into()),
        &[&sqs],
    );
    check(call(|it| it["module"]["sqs"]["count"] = 2.into()), &[&sqs]);
    check(call(|it| it["module"]["sqs"]["count"] = "${var.on ? 1 : 0}".into()), &[&sqs]);
    check(call(|it| it["module"]["sqs"]["providers"] = json!({ "aws": "aws.other" })), &[&sqs]);
    check(
        call(|it| it["module"]["more"] = json!({ "source": "example/more/aws" })),
        &[&unjudged("module.more")],
    );
    check(call(|it| it["locals"] = json!({ "a": 1 })), &[&unjudged("locals")]);
    check(
        |tree| {
            tree.file("prod/modules/sqs/main.tf.json", |it| {
                it["locals"] = json!({ "a": 1 });
            });
        },
        &[&unjudged("module.sqs.locals")],
    );
    check(
        |tree| {
            tree.file("prod/variables.tf.json", |it| {
                it["variable"]["package_dir"]["default"] = "/tmp/other".into();
            });
        },
        &[&unjudged("variable.package_dir")],
    );
    let document = "data.aws_iam_policy_document.api_handler";
    for name in ["override_policy_documents", "source_policy_documents"] {
        check(
            |tree| tree.block("prod", "lambdas", document, |it| it[name] = json!(["${var.more}"])),
            &[&unjudged("module.lambdas.aws_iam_role.api_handler")],
        );
    }
    check(
        |tree| {
            tree.block("prod", "lambdas", document, |it| {
                it["dynamic"] = json!({ "statement": { "for_each": "${var.all}", "content": {} } });
            });
        },
        &[&unjudged("module.lambdas.aws_iam_role.api_handler")],
    );
    // Files that Terraform reads, and this does not.
    for file in [
        "extra.tf",
        "override.tf.json",
        "more_override.tf.json",
        "prod.auto.tfvars",
        "terraform.tfvars.json",
        "modules/sqs/extra.tf",
    ] {
        check(
            |tree| {
                tree.0.insert(format!("generated/prod/{file}"), "{}".to_owned());
            },
            &[&unjudged(file)],
        );
    }
}

#[test]
fn a_type_without_a_rule_is_named() {
    let add = |memory: u64| {
        move |tree: &mut Tree| {
            tree.file("prod/modules/sqs/main.tf.json", |it| {
                it["resource"]["aws_instance"] = json!({ "x": { "ami": "ami-1", "size": memory } });
            });
        }
    };
    let told = ["warning unjudged prod module.sqs.aws_instance.x"];
    check(add(1), &told);
    between(add(1), add(2), &told);
    between(add(1), |tree| tree.without("prod", "sqs", "aws_instance.x"), &told);
    // Nor is what a data source reads.
    check(
        |tree| {
            tree.file("prod/modules/sqs/main.tf.json", |it| {
                it["data"]["aws_ami"] = json!({ "x": { "most_recent": true } });
            });
        },
        &["warning unjudged prod module.sqs.data.aws_ami.x"],
    );
    // An argument of a known type.
    check(
        |tree| {
            tree.block("prod", "lambdas", "aws_lambda_function.validator", |it| {
                it["layers"] = json!(["arn:aws:lambda:ap-south-1:999999999999:layer:x:1"]);
            });
        },
        &["warning unjudged prod module.lambdas.aws_lambda_function.validator"],
    );
    check(
        |tree| {
            tree.block("prod", "lambdas", "aws_lambda_function.validator", |it| {
                it["lifecycle"] = json!([{ "ignore_changes": ["timeout"] }]);
            });
        },
        &["warning unjudged prod module.lambdas.aws_lambda_function.validator"],
    );
}

/// A module may be called `data`: what is in it is made, and not read.
#[test]
fn a_module_called_data_is_not_a_data_source() {
    check(
        |tree| {
            tree.file("prod/main.tf.json", |it| {
                it["module"]["data"] = json!({ "source": "./modules/data" });
            });
            tree.0.insert(
                "generated/prod/modules/data/main.tf.json".to_owned(),
                json!({ "resource": { "aws_instance": { "x": {} } } }).to_string(),
            );
        },
        &["warning unjudged prod module.data.aws_instance.x"],
    );
}

/// An expression that only Terraform can evaluate may have any value.
#[test]
fn a_value_that_becomes_an_expression_cannot_be_judged() {
    let one = |module: &'static str, address: &'static str, edit: fn(&mut Value)| {
        let expected = format!("warning unjudged prod module.{module}.{address}");
        check(|tree| tree.block("prod", module, address, edit), &[&expected]);
    };
    one("lambdas", "aws_cloudwatch_log_group.validator", |it| {
        it["retention_in_days"] = "${local.days}".into();
    });
    one("api_gateway", "aws_api_gateway_method.post_order", |it| {
        it["api_key_required"] = "${terraform.workspace == \"prod\"}".into();
    });
    one("lambdas", "aws_scheduler_schedule.reconcile_schedule", |it| {
        it["state"] = "${local.state}".into();
    });
    one("api_gateway", "aws_wafv2_web_acl.orders", |it| {
        it["rule"][0]["priority"] = "${local.first}".into();
    });
}

#[test]
fn a_root_that_is_new_is_not_judged() {
    let resource = json!({ "resource": { "aws_sqs_queue": { "x": { "name": "x" } } } });
    for (file, text) in [("main.tf.json", resource.to_string()), ("main.tf", String::new())] {
        let path = format!("generated/more/{file}");
        let (before, mut after) = (Tree::today(), Tree::today());
        after.0.insert(path, text);
        let review = reviewed(&before, &after);
        assert!(lines(&review)[0].starts_with("warning unjudged more "), "{}", review.text(false));
    }
}

/// A second provider works in another region, or in another account.
#[test]
fn each_provider_counts() {
    let second = |region: &'static str| {
        move |tree: &mut Tree| {
            tree.file("prod/providers.tf.json", |it| {
                let first = it["provider"]["aws"].take();
                it["provider"]["aws"] = json!([first, { "alias": "other", "region": region }]);
            });
        }
    };
    let told = ["warning unjudged prod provider"];
    check(second("us-east-1"), &told);
    between(second("us-east-1"), second("eu-west-1"), &told);
    check(
        |tree| {
            tree.block("prod", "sqs", "aws_sqs_queue.order_queue", |it| {
                it["provider"] = "aws.other".into()
            });
        },
        &["warning unjudged prod module.sqs.aws_sqs_queue.order_queue"],
    );
}
