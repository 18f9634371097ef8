//! Edits of what is generated today: each makes one change, and says what must be told about it.
//!
//! The pairs in `pairs/` stand on a frozen tree. These stand on the committed `generated/`, so what the
//! review reads is what infra-gen writes.

use std::path::Path;

use infra_gen::{
    cost::Orders,
    review::{self, Files, Review},
};
use serde_json::{Value, json};

use super::patch::files_below;

/// What infra-gen writes today.
pub(crate) fn generated() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated");
    let files = files_below(&folder).into_iter();
    files.map(|(path, text)| (format!("generated/{path}"), text)).collect()
}

/// The tree before an edit or after it.
pub(crate) struct Tree(pub(crate) Files);

impl Tree {
    pub(crate) fn today() -> Self {
        Tree(generated())
    }

    /// Edits one JSON file below `generated/`.
    #[track_caller]
    pub(crate) fn file(&mut self, path: &str, edit: impl FnOnce(&mut Value)) {
        let path = format!("generated/{path}");
        let text = self.0.get_mut(&path).unwrap_or_else(|| panic!("no {path}"));
        let mut value = serde_json::from_str(text).unwrap();
        edit(&mut value);
        *text = format!("{value:#}\n");
    }

    /// Edits one block of a module of a root, such as `prod`, `sqs`, `aws_sqs_queue.order_queue`.
    #[track_caller]
    pub(crate) fn block(
        &mut self,
        root: &str,
        module: &str,
        address: &str,
        edit: impl FnOnce(&mut Value),
    ) {
        self.file(&format!("{root}/modules/{module}/main.tf.json"), |file| {
            let (section, address) = match address.strip_prefix("data.") {
                Some(it) => ("data", it),
                None => ("resource", address),
            };
            let (tf_type, name) = address.split_once('.').unwrap();
            let block = &mut file[section][tf_type][name];
            assert!(block.is_object(), "no {address} in {root}/{module}");
            edit(block);
        });
    }

    /// Takes one block away.
    #[track_caller]
    fn without(&mut self, root: &str, module: &str, address: &str) {
        self.file(&format!("{root}/modules/{module}/main.tf.json"), |file| {
            let (tf_type, name) = address.split_once('.').unwrap();
            let blocks = file["resource"][tf_type].as_object_mut().unwrap();
            assert!(blocks.remove(name).is_some(), "no {address} in {root}/{module}");
        });
    }
}

pub(crate) fn reviewed(base: &Tree, head: &Tree) -> Review {
    review::review(&base.0, &head.0, Orders::DEFAULT).unwrap()
}

/// Findings, a line each: severity, rule, environments, addresses.
pub(crate) fn lines(review: &Review) -> Vec<String> {
    let line = |it: &review::Finding| {
        let (severity, rule) = (it.severity.as_str(), it.rule.as_str());
        let (environments, addresses) = (it.environments.join(","), it.addresses.join(" "));
        format!("{severity} {rule} {environments} {addresses}")
    };
    review.findings.iter().map(line).collect()
}

/// An edit of today's tree, with the findings that must be among those that are told.
#[track_caller]
pub(crate) fn check(edit: impl FnOnce(&mut Tree), expected: &[&str]) {
    between(|_| (), edit, expected);
}

/// The same, where the tree before it is another one than today's.
#[track_caller]
pub(crate) fn between(
    base: impl FnOnce(&mut Tree),
    edit: impl FnOnce(&mut Tree),
    expected: &[&str],
) {
    let mut before = Tree::today();
    base(&mut before);
    let mut after = Tree(before.0.clone());
    edit(&mut after);
    assert!(before.0 != after.0, "the edit changes nothing");
    let review = reviewed(&before, &after);
    let found = lines(&review);
    for it in expected {
        assert!(found.iter().any(|line| line == it), "missed: {it}\n{}", review.text(false));
    }
}

/// An edit that changes nothing in AWS: not a word is told.
#[track_caller]
fn silent(edit: impl FnOnce(&mut Tree)) {
    let (before, mut after) = (Tree::today(), Tree::today());
    edit(&mut after);
    assert!(before.0 != after.0, "the edit changes nothing");
    let review = reviewed(&before, &after);
    assert!(review.is_empty(), "{}", review.text(false));
}

/// Edits a policy that stands in an attribute as JSON.
fn policy(block: &mut Value, edit: impl FnOnce(&mut Vec<Value>)) {
    let mut policy: Value = serde_json::from_str(block["policy"].as_str().unwrap()).unwrap();
    edit(policy["Statement"].as_array_mut().unwrap());
    block["policy"] = policy.to_string().into();
}

pub(crate) fn remove(value: &mut Value, name: &str) {
    assert!(value.as_object_mut().unwrap().remove(name).is_some(), "no {name}");
}

const TABLES: &str = "aws_kms_key.tables";
const PIPELINE: &str = "module.cicd.aws_codepipeline.deploy";

fn pipeline(tree: &mut Tree, edit: impl FnOnce(&mut Value)) {
    tree.block("cicd", "cicd", "aws_codepipeline.deploy", edit);
}

#[test]
fn a_key_that_is_opened_is_exposed() {
    let everybody =
        || json!({ "Effect": "Allow", "Action": "kms:*", "Principal": "*", "Resource": "*" });
    const EXPOSED: &str = "danger exposed prod module.dynamodb.aws_kms_key.tables";
    let add = |statement: Value| {
        move |tree: &mut Tree| {
            tree.block("prod", "dynamodb", TABLES, |it| policy(it, |all| all.push(statement)));
        }
    };
    check(add(everybody()), &[EXPOSED]);
    let partner = json!({ "AWS": "arn:aws:iam::999999999999:root" });
    let mut statement = everybody();
    statement["Principal"] = partner;
    check(add(statement), &[EXPOSED]);
}

/// IAM takes `true` as it takes `"true"`, and `5` as it takes `"5"`.
#[test]
fn conditions_count_whatever_type_their_values_have() {
    let with = |value: Value| {
        json!({ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
            "Principal": { "AWS": "arn:aws:iam::333333333333:role/reader" },
            "Condition": { "Bool": { "aws:SecureTransport": value } } })
    };
    let set = |value: Value| {
        move |tree: &mut Tree| {
            tree.block("prod", "dynamodb", TABLES, |it| {
                policy(it, |all| {
                    all.retain(|it| it["Action"] != "kms:Decrypt");
                    all.push(with(value));
                })
            });
        }
    };
    let widened = ["danger rights-widened prod module.dynamodb.aws_kms_key.tables"];
    between(set(json!(true)), set(json!(false)), &widened);
    between(set(json!(["true"])), set(json!([true, false])), &widened);
    let (mut base, mut head) = (Tree::today(), Tree::today());
    set(json!("true"))(&mut base);
    set(json!(true))(&mut head);
    assert_eq!(lines(&reviewed(&base, &head)), [""; 0]);
}

/// What stands in a policy and is not known from the grammar of IAM cannot be judged.
#[test]
fn a_statement_that_cannot_be_read_is_told() {
    let unjudged = ["warning unjudged prod module.dynamodb.aws_kms_key.tables"];
    let edit = |edit: fn(&mut Vec<Value>)| {
        move |tree: &mut Tree| tree.block("prod", "dynamodb", TABLES, |it| policy(it, edit))
    };
    check(
        edit(|all| all.push(json!({ "Effect": "Allow", "Actions": "kms:*", "Principal": "*" }))),
        &unjudged,
    );
    check(edit(|all| all.push(json!({ "Effect": "Allow", "Principal": "*" }))), &unjudged);
    check(edit(|all| all.push(json!("${var.statement}"))), &unjudged);
    check(edit(|all| all[0]["Principal"] = json!(5)), &unjudged);
    check(
        |tree| {
            tree.block("prod", "dynamodb", TABLES, |it| {
                it["policy"] = "${jsonencode({ Statement = var.all })}".into();
            });
        },
        &unjudged,
    );
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
fn a_module_that_is_not_called_is_destroyed() {
    const LOST: &str = "danger data-loss prod module.sqs.aws_sqs_queue.order_queue";
    let call = |edit: fn(&mut Value)| move |tree: &mut Tree| tree.file("prod/main.tf.json", edit);
    let has = |edit: fn(&mut Value)| {
        let (before, mut after) = (Tree::today(), Tree::today());
        call(edit)(&mut after);
        let review = reviewed(&before, &after);
        let of = |it: &&review::Finding| it.rule.as_str() == "data-loss";
        let lost = review.findings.iter().filter(of).flat_map(|it| &it.addresses);
        let lost: Vec<_> = lost.map(String::as_str).collect();
        assert!(lost.contains(&"module.sqs.aws_sqs_queue.order_queue"), "{}", review.text(false));
    };
    let _ = LOST;
    has(|it| it["module"]["sqs"]["count"] = 0.into());
    has(|it| it["module"]["sqs"]["count"] = "0".into());
    has(|it| it["module"]["sqs"]["for_each"] = json!({}));
    has(|it| remove(&mut it["module"], "sqs"));
    // A resource alone goes in the same way.
    check(
        |tree| {
            tree.block("prod", "sqs", "aws_sqs_queue.order_dlq", |it| it["count"] = 0.into());
        },
        &["danger data-loss prod module.sqs.aws_sqs_queue.order_dlq"],
    );
}

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

/// A number, a list or an object is handed to a module as a text is.
#[test]
fn what_is_handed_to_a_module_is_followed_whatever_its_type() {
    let set = |value: Value| {
        move |tree: &mut Tree| {
            tree.file("prod/main.tf.json", |it| it["module"]["sqs"]["hidden"] = value);
            tree.block("prod", "sqs", "aws_sqs_queue.order_queue", |it| {
                it["visibility_timeout_seconds"] = "${var.hidden}".into();
            });
        }
    };
    let misfit = ["danger limits-misfit prod module.sqs.aws_sqs_queue.order_queue"];
    between(set(json!(180)), set(json!(60)), &misfit);
    // Without an argument the default of the variable counts.
    let default = |value: Value| {
        move |tree: &mut Tree| {
            tree.file("prod/modules/sqs/variables.tf.json", |it| {
                it["variable"]["hidden"] = json!({ "default": value });
            });
            tree.block("prod", "sqs", "aws_sqs_queue.order_queue", |it| {
                it["visibility_timeout_seconds"] = "${var.hidden}".into();
            });
        }
    };
    between(default(json!(180)), default(json!(60)), &misfit);
}

#[test]
fn a_route_or_a_limit_that_opens_is_exposed() {
    let api = "api_gateway";
    let acl = "module.api_gateway.aws_wafv2_web_acl.orders";
    let exposed = |address: &str| format!("danger exposed prod module.api_gateway.{address}");
    let association = "aws_wafv2_web_acl_association.orders";
    check(|tree| tree.without("prod", api, association), &[&exposed(association)]);
    let firewall = |edit: fn(&mut Value)| {
        move |tree: &mut Tree| tree.block("prod", api, "aws_wafv2_web_acl.orders", edit)
    };
    let opened = format!("danger exposed prod {acl}");
    check(firewall(|it| it["rule"][0]["action"] = json!([{ "count": [{}] }])), &[&opened]);
    check(firewall(|it| it["rule"][0]["action"] = json!({ "allow": {} })), &[&opened]);
    check(firewall(|it| it["rule"][2]["override_action"] = json!([{ "count": [{}] }])), &[&opened]);
    check(firewall(|it| drop(it["rule"].as_array_mut().unwrap().remove(0))), &[&opened]);
    between(
        firewall(|it| it["default_action"] = json!([{ "block": [{}] }])),
        firewall(|it| it["default_action"] = json!([{ "allow": [{}] }])),
        &[&opened],
    );
    let looser = format!("warning exposed prod {acl}");
    check(
        firewall(|it| it["rule"][1]["statement"][0] = json!({ "geo_match_statement": {} })),
        &[&looser],
    );
    check(firewall(|it| it["rule"][0]["priority"] = 99.into()), &[&looser]);
    check(firewall(|it| remove(it, "data_protection_config")), &[&looser]);
    check(
        firewall(|it| {
            let protection = &mut it["data_protection_config"][0]["data_protection"][0];
            protection["field"][0]["field_keys"] = json!(["authorization"]);
        }),
        &[&looser],
    );
    check(
        firewall(|it| {
            let protection = &mut it["data_protection_config"][0]["data_protection"][0];
            protection["exclude_rate_based_details"] = true.into();
        }),
        &[&looser],
    );

    let route = "aws_api_gateway_method.post_order";
    let method = |value: &'static str| {
        move |tree: &mut Tree| {
            tree.block("prod", api, route, |it| it["authorization"] = value.into());
        }
    };
    between(method("AWS_IAM"), method("NONE"), &[&exposed(route)]);
    let settings = "aws_api_gateway_method_settings.orders";
    for name in ["throttling_rate_limit", "throttling_burst_limit"] {
        let set = |value: i64| {
            move |tree: &mut Tree| {
                tree.block("prod", api, settings, |it| it["settings"][0][name] = value.into());
            }
        };
        check(set(-1), &[&exposed(settings)]);
        check(
            |tree| tree.block("prod", api, settings, |it| remove(&mut it["settings"][0], name)),
            &[&exposed(settings)],
        );
        let stopped = format!("danger stopped prod module.api_gateway.{settings}");
        check(set(0), &[&stopped]);
    }
    check(|tree| tree.without("prod", api, settings), &[&exposed(settings)]);
    let looser = |address: &str| format!("warning exposed prod module.api_gateway.{address}");
    let plan = "aws_api_gateway_usage_plan.orders";
    for name in ["throttle_settings", "quota_settings"] {
        check(|tree| tree.block("prod", api, plan, |it| remove(it, name)), &[&looser(plan)]);
    }
    let validator = "aws_api_gateway_request_validator.orders";
    // A body that the function judges is no concern of the API: today it checks parameters alone.
    for name in ["validate_request_body", "validate_request_parameters"] {
        let set = |on: bool| {
            move |tree: &mut Tree| tree.block("prod", api, validator, |it| it[name] = on.into())
        };
        between(set(true), set(false), &[&looser(validator)]);
    }
    for name in ["request_validator_id", "request_models"] {
        check(|tree| tree.block("prod", api, route, |it| remove(it, name)), &[&looser(route)]);
    }
    check(
        |tree| {
            tree.block("prod", api, "aws_api_gateway_model.order_request", |it| {
                it["schema"] = "{}".into()
            })
        },
        &[&looser("aws_api_gateway_model.order_request")],
    );
    // What shows a secret.
    check(
        |tree| {
            tree.file("prod/outputs.tf.json", |it| {
                it["output"]["api_key"]["sensitive"] = false.into()
            })
        },
        &["danger exposed prod output.api_key"],
    );
}

#[test]
fn an_object_owner_that_shares_and_a_lesser_cipher_are_exposed() {
    let root = "bootstrap/prod";
    let (_, module) = ("", "account");
    let owner = "aws_s3_bucket_ownership_controls.state";
    let exposed = format!("danger exposed {root} module.{module}.{owner}");
    check(
        |tree| {
            tree.block(root, module, owner, |it| {
                it["rule"][0]["object_ownership"] = "ObjectWriter".into();
            });
        },
        &[&exposed],
    );
    check(|tree| tree.without(root, module, owner), &[&exposed]);
    let versions = "aws_s3_bucket_versioning.state";
    let lost = format!("danger data-loss {root} module.{module}.{versions}");
    check(|tree| tree.without(root, module, versions), &[&lost]);
}

#[test]
fn a_pipeline_that_checks_less_is_told() {
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
    // It is asked behind what it is to hold back.
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

#[test]
fn what_stops_is_told() {
    let stopped = |address: &str| format!("danger stopped prod {address}");
    let one = |module: &'static str, address: &'static str, edit: fn(&mut Value)| {
        let expected = stopped(&format!("module.{module}.{address}"));
        check(|tree| tree.block("prod", module, address, edit), &[&expected]);
    };
    let schedule = "aws_scheduler_schedule.reconcile_schedule";
    one("lambdas", schedule, |it| it["state"] = "DISABLED".into());
    one("dynamodb", TABLES, |it| it["is_enabled"] = false.into());
    let function = "aws_lambda_function.fulfill_order";
    one("lambdas", function, |it| it["reserved_concurrent_executions"] = 0.into());
    let source = "aws_lambda_event_source_mapping.fulfill_order";
    one("lambdas", source, |it| {
        it["filter_criteria"] = json!([{ "filter": [{ "pattern": "{\"body\":{}}" }] }]);
    });
    let gone = stopped(&format!("module.lambdas.{schedule}"));
    check(|tree| tree.without("prod", "lambdas", schedule), &[&gone]);
    check(
        |tree| {
            tree.block("prod", "lambdas", schedule, |it| {
                it["schedule_expression"] = "rate(12 hours)".into();
            });
        },
        &[&format!("warning stopped prod module.lambdas.{schedule}")],
    );
    check(
        |tree| {
            tree.block("prod", "api_gateway", "aws_api_gateway_api_key.orders", |it| {
                it["enabled"] = false.into();
            });
        },
        &[&stopped("module.api_gateway.aws_api_gateway_api_key.orders")],
    );
    check(
        |tree| tree.without("prod", "api_gateway", "aws_lambda_permission.post_order"),
        &["warning stopped prod module.api_gateway.aws_lambda_permission.post_order"],
    );
}

#[test]
fn a_boundary_that_goes_widens() {
    let role = "aws_iam_role.api_handler";
    let bound = |value: &'static str| {
        move |tree: &mut Tree| {
            tree.block("prod", "lambdas", role, |it| it["permissions_boundary"] = value.into());
        }
    };
    const BOUNDARY: &str = "arn:aws:iam::333333333333:policy/boundary";
    let address = "module.lambdas.aws_iam_role.api_handler";
    between(
        bound(BOUNDARY),
        |tree| tree.block("prod", "lambdas", role, |it| remove(it, "permissions_boundary")),
        &[&format!("danger rights-widened prod {address}")],
    );
    between(
        bound(BOUNDARY),
        bound("arn:aws:iam::aws:policy/AdministratorAccess"),
        &[&format!("warning rights-widened prod {address}")],
    );
    // Rights by another way than a policy of its own.
    check(
        |tree| {
            tree.block("prod", "lambdas", role, |it| {
                it["managed_policy_arns"] = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
            });
        },
        &[&format!("danger rights-widened prod {address}")],
    );
    check(
        |tree| {
            tree.block("prod", "lambdas", role, |it| {
                it["inline_policy"] = json!([{ "name": "more", "policy":
                    "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}" }]);
            });
        },
        &[&format!("danger rights-widened prod {address}")],
    );
    // A document becomes text.
    check(
        |tree| {
            tree.block("prod", "lambdas", "aws_iam_role_policy.api_handler", |it| {
                it["policy"] =
                    "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"
                        .into();
            });
        },
        &[&format!("danger rights-widened prod {address}")],
    );
    // What runs takes on another role.
    check(
        |tree| {
            tree.block("prod", "lambdas", "aws_lambda_function.validator", |it| {
                it["role"] = "arn:aws:iam::333333333333:role/admin".into();
            });
        },
        &["warning rights-widened prod module.lambdas.aws_lambda_function.validator"],
    );
    let provider = "aws_iam_openid_connect_provider.github";
    check(
        |tree| {
            tree.block("bootstrap/dev", "account", provider, |it| {
                it["client_id_list"] = json!(["sts.amazonaws.com", "other"]);
            });
        },
        &[&format!("warning rights-widened bootstrap/dev module.account.{provider}")],
    );
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
fn a_module_called_data_is_no_data_source() {
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

#[test]
fn moves_are_followed_from_one_to_the_next() {
    const FILE: &str = "prod/modules/sqs/main.tf.json";
    let rename = |tree: &mut Tree| {
        let path = format!("generated/{FILE}");
        for path in [path, "generated/prod/modules/sqs/outputs.tf.json".to_owned()] {
            let text = tree.0[&path].replace("aws_sqs_queue.order_dlq", "aws_sqs_queue.letters");
            tree.0.insert(path, text);
        }
        tree.file(FILE, |it| {
            let queues = it["resource"]["aws_sqs_queue"].as_object_mut().unwrap();
            let queue = queues.remove("order_dlq").unwrap();
            queues.insert("letters".to_owned(), queue);
        });
    };
    let of = |moved: Value| {
        let (base, mut head) = (Tree::today(), Tree::today());
        rename(&mut head);
        head.file(FILE, |it| it["moved"] = moved);
        let review = reviewed(&base, &head);
        let actions = review.changes.iter().map(|it| it.action.as_str());
        (actions.map(str::to_owned).collect::<Vec<_>>(), lines(&review))
    };
    let step = |from: &str, to: &str| json!({ "from": format!("aws_sqs_queue.{from}"), "to": format!("aws_sqs_queue.{to}") });
    let moved = (vec!["move".to_owned()], vec![]);
    assert_eq!(of(json!([step("order_dlq", "b"), step("b", "letters")])), moved);
    assert_eq!(of(json!([step("b", "letters"), step("order_dlq", "b")])), moved);
    assert_eq!(of(json!([step("b", "c"), step("order_dlq", "b"), step("c", "letters")])), moved);
    // A way that ends nowhere is a loss, at the address at which it is known.
    let (actions, found) = of(json!([step("order_dlq", "b")]));
    assert!(actions.contains(&"delete".to_owned()), "{actions:?}");
    assert!(
        found
            .iter()
            .any(|it| it.starts_with("danger data-loss prod module.sqs.aws_sqs_queue.order_dlq")),
        "{found:?}"
    );
    // A circle ends, too.
    let (_, found) = of(json!([step("order_dlq", "b"), step("b", "order_dlq")]));
    assert!(found.iter().any(|it| it.starts_with("danger data-loss")), "{found:?}");
}

#[test]
fn the_order_of_attempts_and_choices_counts() {
    const MACHINE: &str = "generated/prod/modules/stepfunctions/order.asl.json";
    const ADDRESS: &str = "module.stepfunctions.aws_sfn_state_machine.order";
    let machine = |edit: fn(&mut Value)| {
        move |tree: &mut Tree| tree.file(MACHINE.strip_prefix("generated/").unwrap(), edit)
    };
    let state = format!("warning flow-changed prod {ADDRESS}/StoreOrder");
    let list = |name: &str| {
        let all = json!(["A", "B"]).as_array().unwrap().clone();
        let mut entries: Vec<_> = all.iter().map(|it| json!({ "ErrorEquals": [it] })).collect();
        entries.iter_mut().for_each(|it| {
            if name == "Catch" {
                it["Next"] = "RecordFailure".into()
            }
        });
        Value::Array(entries)
    };
    for name in ["Retry", "Catch"] {
        let set = |turned: bool, other: bool| {
            let mut entries = list(name);
            if turned {
                entries.as_array_mut().unwrap().reverse();
            }
            move |tree: &mut Tree| {
                tree.file("prod/modules/stepfunctions/order.asl.json", |it| {
                    it["States"]["StoreOrder"][name] = entries;
                    if other {
                        it["States"]["StoreOrder"]["TimeoutSeconds"] = 99.into();
                    }
                });
            }
        };
        between(set(false, false), set(true, false), &[&state]);
        between(set(false, false), set(true, true), &[&state]);
    }
    let choices = |conditions: &'static [(&'static str, &'static str)]| {
        move |tree: &mut Tree| {
            tree.file("prod/modules/stepfunctions/order.asl.json", |it| {
                let all = conditions
                    .iter()
                    .map(|(condition, next)| json!({ "Condition": condition, "Next": next }));
                it["States"]["Pick"] =
                    json!({ "Type": "Choice", "Choices": all.collect::<Vec<_>>() });
            });
        }
    };
    let pick = format!("warning flow-changed prod {ADDRESS}/Pick");
    between(choices(&[("a", "X"), ("b", "Y")]), choices(&[("b", "Y"), ("a", "X")]), &[&pick]);
    // Of two equal conditions the first wins.
    between(choices(&[("a", "X"), ("a", "Y")]), choices(&[("a", "Y"), ("a", "X")]), &[&pick]);
    // What is known of a field is not all that it says.
    check(
        machine(|it| it["States"]["StoreOrder"]["Retry"][0]["JitterStrategy"] = "FULL".into()),
        &[&state],
    );
    check(
        machine(|it| it["States"]["StoreOrder"]["Credentials"] = json!({ "RoleArn": "r" })),
        &[&state],
    );
    let whole = format!("warning flow-changed prod {ADDRESS}");
    check(machine(|it| it["ProcessorConfig"] = json!({ "Mode": "X" })), &[&whole]);
    let record = "RecordRejection";
    check(
        |tree| {
            tree.file("prod/modules/stepfunctions/order.asl.json", |it| {
                remove(&mut it["States"][record]["Arguments"], "ConditionExpression");
            });
        },
        &[&format!("warning flow-changed prod {ADDRESS}/{record}")],
    );
}

/// Terraform converts numbers and texts into each other, by the type of the argument.
#[test]
fn a_number_is_the_same_however_it_is_written() {
    let queue = |value: Value| {
        move |tree: &mut Tree| {
            tree.block("prod", "sqs", "aws_sqs_queue.order_queue", |it| {
                it["visibility_timeout_seconds"] = value;
            });
        }
    };
    silent(queue(json!("180")));
    silent(queue(json!(180.0)));
    silent(|tree| {
        tree.block("prod", "lambdas", "aws_lambda_function.validator", |it| {
            it["publish"] = "true".into();
            it["layers"] = Value::Null;
            it["environment"] = it["environment"][0].take();
        });
    });
    silent(|tree| {
        tree.file("prod/modules/stepfunctions/order.asl.json", |it| {
            let seconds = it["TimeoutSeconds"].as_f64().unwrap();
            it["TimeoutSeconds"] = seconds.into();
            let seconds = it["States"]["StoreOrder"]["TimeoutSeconds"].as_f64().unwrap();
            it["States"]["StoreOrder"]["TimeoutSeconds"] = seconds.into();
        });
    });
    silent(|tree| {
        tree.block("prod", "sqs", "aws_sqs_queue_redrive_policy.order_queue", |it| {
            let mut policy: Value =
                serde_json::from_str(it["redrive_policy"].as_str().unwrap()).unwrap();
            policy["maxReceiveCount"] = policy["maxReceiveCount"].as_f64().unwrap().into();
            it["redrive_policy"] = policy.to_string().into();
        });
    });
    // An argument that is a text keeps what it is: "1.0" is not "1".
    let (mut base, mut head) = (Tree::today(), Tree::today());
    for (tree, value) in [(&mut base, "1.0"), (&mut head, "1")] {
        tree.block("prod", "lambdas", "aws_lambda_function.validator", |it| {
            it["environment"][0]["variables"]["LOG_LEVEL"] = value.into();
        });
    }
    assert_eq!(reviewed(&base, &head).changes.len(), 1);
}

/// What only Terraform can work out may be anything.
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

/// What was too short before, and is shorter now.
#[test]
fn a_misfit_that_grows_is_told() {
    let hidden = |seconds: u64| {
        move |tree: &mut Tree| {
            tree.block("prod", "sqs", "aws_sqs_queue.order_queue", |it| {
                it["visibility_timeout_seconds"] = seconds.into();
            });
        }
    };
    let misfit = ["danger limits-misfit prod module.sqs.aws_sqs_queue.order_queue"];
    between(hidden(60), hidden(30), &misfit);
}

/// A policy that belongs to nothing allows nothing; where it bounds roles, it must not grow unseen.
#[test]
fn a_boundary_is_judged_where_it_grows() {
    const ROOT: &str = "bootstrap/prod";
    let wide = "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}";
    let add = |tree: &mut Tree| {
        tree.file(&format!("{ROOT}/modules/delivery/main.tf.json"), |it| {
            it["resource"]["aws_iam_policy"]["more"] = json!({ "name": "more", "policy": wide });
        });
    };
    let (before, mut after) = (Tree::today(), Tree::today());
    add(&mut after);
    assert_eq!(lines(&reviewed(&before, &after)), [""; 0]);
    check(
        |tree| {
            tree.block(ROOT, "delivery", "aws_iam_policy.boundary_prod", |it| {
                it["policy"] = wide.into()
            });
        },
        &["danger rights-widened bootstrap/prod module.delivery.aws_iam_policy.boundary_prod"],
    );
    let role = "module.delivery.aws_iam_role.delivery_apply_prod";
    between(
        add,
        |tree| {
            tree.file(&format!("{ROOT}/modules/delivery/main.tf.json"), |it| {
                it["resource"]["aws_iam_role_policy_attachment"]["more"] = json!({
                    "policy_arn": "${aws_iam_policy.more.arn}",
                    "role": "${aws_iam_role.delivery_apply_prod.name}",
                });
            });
        },
        &[
            "danger rights-widened bootstrap/prod module.delivery.aws_iam_policy.more",
            &format!("warning rights-widened bootstrap/prod {role}"),
        ],
    );
}
