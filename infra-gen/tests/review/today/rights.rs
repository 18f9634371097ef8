//! Policies, boundaries and conditions: who may do more.

use serde_json::{Value, json};

use super::{TABLES, Tree, between, check, lines, never, policy, remove, reviewed};

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

/// A member of a policy that the grammar of IAM does not have is a finding, because the review cannot judge it.
#[test]
fn a_statement_that_cannot_be_read_is_a_finding() {
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
    // The function gets another role.
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

/// Of an ARN, each of the six parts is matched by itself.
#[test]
fn a_pattern_of_an_arn_takes_no_more_parts_than_it_has() {
    let with = |test: &'static str, arn: &'static str| {
        move |tree: &mut Tree| {
            tree.block("prod", "dynamodb", TABLES, |it| {
                policy(it, |all| {
                    all.retain(|it| it["Sid"] != "more");
                    all.push(json!({ "Sid": "more", "Effect": "Allow", "Action": "kms:Decrypt",
                        "Resource": "*", "Principal": { "Service": "sns.amazonaws.com" },
                        "Condition": { test: { "aws:SourceArn": arn } } }));
                });
            });
        }
    };
    let widened = "danger rights-widened prod module.dynamodb.aws_kms_key.tables";
    let (narrow, other) = ("arn:aws:sns:*:orders", "arn:aws:sns:eu-west-1:333333333333:orders");
    for test in ["ArnLike", "ArnEquals"] {
        between(with(test, narrow), with(test, other), &[widened]);
        let each = "arn:aws:sns:*:*:orders";
        never(with(test, each), with(test, other), widened);
        never(with(test, "arn:aws:sns:*:*:*"), with(test, "arn:aws:sns:*:*:a:b"), widened);
    }
    never(with("StringLike", narrow), with("StringLike", other), widened);
}

/// A permission belongs to the resource that it names, by a reference or by a name.
#[test]
fn a_right_belongs_to_its_resource_by_a_reference_or_by_a_name() {
    let mut name = Value::Null;
    Tree::today().block("prod", "lambdas", "aws_lambda_function.validator", |it| {
        name = it["function_name"].clone();
    });
    assert!(name.is_string());
    for function in [name, json!("${aws_lambda_function.validator.function_name}")] {
        check(
            |tree| {
                tree.file("prod/modules/lambdas/main.tf.json", |it| {
                    it["resource"]["aws_lambda_permission"]["more"] = json!({
                        "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com",
                        "function_name": function });
                });
            },
            &["warning rights-widened prod module.lambdas.aws_lambda_function.validator"],
        );
    }
}
