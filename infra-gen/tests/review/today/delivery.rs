//! The pipeline, its builds, and additional commands.

use serde_json::{Value, json};

use super::{Tree, between, check, lines, never, remove, reviewed};

const PIPELINE: &str = "module.cicd.aws_codepipeline.deploy";

fn pipeline(tree: &mut Tree, edit: impl FnOnce(&mut Value)) {
    tree.block("cicd", "cicd", "aws_codepipeline.deploy", edit);
}

#[test]
fn an_order_that_the_provider_keeps_is_a_change() {
    let loosened = [&*format!("warning delivery-loosened cicd {PIPELINE}")];
    check(|tree| pipeline(tree, |it| it["stage"].as_array_mut().unwrap().swap(2, 3)), &loosened);
    check(
        |tree| pipeline(tree, |it| it["stage"][3]["action"].as_array_mut().unwrap().swap(1, 2)),
        &loosened,
    );
    // A list of texts. A set of texts is silent: `everything-turned-round` has those.
    let two = |tree: &mut Tree, types: &[&str]| {
        tree.block("prod", "api_gateway", "aws_api_gateway_rest_api.orders", |it| {
            it["endpoint_configuration"][0]["types"] = json!(types);
        });
    };
    let mut base = Tree::today();
    two(&mut base, &["REGIONAL", "PRIVATE"]);
    let mut head = Tree(base.0.clone());
    two(&mut head, &["PRIVATE", "REGIONAL"]);
    let unjudged = "warning unjudged prod module.api_gateway.aws_api_gateway_rest_api.orders";
    assert_eq!(lines(&reviewed(&base, &head)), [unjudged]);
}

#[test]
fn a_pipeline_that_checks_less_is_a_finding() {
    let danger = [&*format!("danger delivery-loosened cicd {PIPELINE}")];
    let warning = [&*format!("warning delivery-loosened cicd {PIPELINE}")];
    let approval = |it: &Value| it["category"] == "Approval";
    check(
        |tree| {
            pipeline(tree, |it| {
                it["stage"][4]["action"].as_array_mut().unwrap().retain(|it| !approval(it))
            });
        },
        &danger,
    );
    // A whole stage, with its approval.
    check(|tree| pipeline(tree, |it| drop(it["stage"].as_array_mut().unwrap().remove(3))), &danger);
    check(
        |tree| {
            pipeline(tree, |it| {
                for action in it["stage"][4]["action"].as_array_mut().unwrap() {
                    if approval(action) {
                        action["category"] = "Test".into();
                    }
                }
            });
        },
        &danger,
    );
    // The approval comes after the action that it must hold back.
    check(
        |tree| {
            pipeline(tree, |it| {
                for action in it["stage"][4]["action"].as_array_mut().unwrap() {
                    if approval(action) {
                        action["run_order"] = 9.into();
                    }
                }
            });
        },
        &danger,
    );
    check(
        |tree| {
            pipeline(tree, |it| {
                it["stage"][0]["action"][0]["configuration"]["BranchName"] = "other".into();
            });
        },
        &warning,
    );
    check(|tree| pipeline(tree, |it| remove(it, "trigger")), &warning);
    let project = "aws_codebuild_project.build";
    let told = [&*format!("warning delivery-loosened cicd module.cicd.{project}")];
    let build =
        |edit: fn(&mut Value)| move |tree: &mut Tree| tree.block("cicd", "cicd", project, edit);
    check(build(|it| it["environment"][0]["privileged_mode"] = true.into()), &told);
    check(build(|it| it["environment"][0]["image"] = "example/image".into()), &told);
    check(build(|it| it["source"][0]["buildspec"] = "other.yml".into()), &told);
    check(
        |tree| {
            tree.0.insert(
                "generated/cicd/buildspecs/apply.yml".to_owned(),
                "version: 0.2\n".to_owned(),
            );
        },
        &["warning delivery-loosened cicd buildspecs/apply.yml"],
    );
}

#[test]
fn a_provisioner_is_a_command_on_the_machine_that_applies() {
    check(
        |tree| {
            tree.block("prod", "sqs", "aws_sqs_queue.order_queue", |it| {
                it["provisioner"] =
                    json!([{ "local-exec": { "command": "curl https://example.com" } }]);
            });
        },
        &["danger delivery-loosened prod module.sqs.aws_sqs_queue.order_queue"],
    );
    check(
        |tree| {
            tree.file("prod/modules/sqs/main.tf.json", |it| {
                it["data"]["external"] = json!({ "x": { "program": ["sh", "-c", "id"] } });
            });
        },
        &["danger delivery-loosened prod module.sqs.data.external.x"],
    );
    check(
        |tree| {
            tree.file("prod/modules/sqs/main.tf.json", |it| {
                it["resource"]["terraform_data"] =
                    json!({ "x": { "provisioner": { "local-exec": { "command": "id" } } } });
            });
        },
        &["danger delivery-loosened prod module.sqs.terraform_data.x"],
    );
    check(
        |tree| {
            tree.file("prod/providers.tf.json", |it| {
                it["terraform"]["required_providers"]["aws"]["source"] = "example/aws".into();
            });
        },
        &["danger delivery-loosened prod terraform"],
    );
}

/// A removed block of another module with the same name does not explain a missing dependency.
#[test]
fn a_deployment_depends_on_the_blocks_of_its_own_module() {
    let integration = "aws_api_gateway_integration.post_order";
    let deployment = "aws_api_gateway_deployment.orders";
    let twin = |tree: &mut Tree| {
        tree.file("prod/modules/lambdas/main.tf.json", |it| {
            it["resource"]["aws_api_gateway_integration"]["post_order"] = json!({ "type": "MOCK",
                "http_method": "POST", "rest_api_id": "other", "resource_id": "other" });
        });
    };
    let early = |tree: &mut Tree| {
        tree.block("prod", "api_gateway", deployment, |it| {
            it["depends_on"].as_array_mut().unwrap().retain(|it| it != integration);
        });
    };
    let told = format!("warning delivery-loosened prod module.api_gateway.{deployment}");
    let edit = |tree: &mut Tree| {
        tree.without("prod", "lambdas", integration);
        early(tree);
    };
    between(twin, edit, &[&told]);
    // A removed block of its own module explains it.
    let gone = |tree: &mut Tree| {
        tree.without("prod", "api_gateway", integration);
        early(tree);
    };
    never(|_| (), gone, &told);
}
