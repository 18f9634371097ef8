//! Other accounts, wherever they are named, and roles that states assume.

use serde_json::{Value, json};

use super::today::{Tree, between, check};

const MACHINE: &str = "module.stepfunctions.aws_sfn_state_machine.order";
const STRANGER: &str = "999999999999";

fn machine(edit: impl Fn(&mut Value)) -> impl Fn(&mut Tree) {
    move |tree| tree.file("prod/modules/stepfunctions/order.asl.json", &edit)
}

fn block(
    module: &'static str,
    address: &'static str,
    edit: impl Fn(&mut Value),
) -> impl Fn(&mut Tree) {
    move |tree| tree.block("prod", module, address, &edit)
}

/// A block that was there names another account than before.
#[test]
fn a_known_block_that_names_another_account_is_a_finding() {
    let exposed = |at: &str| format!("warning exposed prod module.{at}");
    for (module, address, pointer, value) in [
        ("sqs", "aws_sqs_queue_redrive_policy.order_queue", "/redrive_policy",
            json!({ "deadLetterTargetArn": format!("arn:aws:sqs:ap-south-1:{STRANGER}:x"), "maxReceiveCount": 5 })
                .to_string()),
        ("lambdas", "aws_lambda_function.validator", "/environment/0/variables/METRICS_NAMESPACE",
            format!("https://sqs.ap-south-1.amazonaws.com/{STRANGER}/x")),
        ("lambdas", "aws_iam_role.validator", "/permissions_boundary",
            format!("arn:aws:iam::{STRANGER}:policy/x")),
    ] {
        let edit = block(module, address, |it| *it.pointer_mut(pointer).unwrap() = value.clone().into());
        check(edit, &[&exposed(&format!("{module}.{address}"))]);
    }
}

/// The states of a machine are in a file of their own.
#[test]
fn a_machine_that_calls_another_account_is_a_finding() {
    let url = format!("https://sqs.ap-south-1.amazonaws.com/{STRANGER}/x");
    let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": { "QueueUrl": url, "MessageBody": "x" }, "End": true });
    check(
        machine(|it| it["States"]["More"] = task.clone()),
        &[&format!("warning exposed prod {MACHINE}")],
    );
}

/// A policy that comes with a new resource: what it lets in of this account comes with it, and what it lets in of
/// another does not.
#[test]
fn a_new_policy_that_names_another_account_is_a_finding() {
    let with = |account: &'static str| {
        move |tree: &mut Tree| {
            tree.file("prod/modules/sqs/main.tf.json", |it| {
                it["resource"]["aws_sqs_queue"]["more"] = json!({ "name": "more" });
                let policy = json!({ "Statement": [{ "Effect": "Allow", "Action": "sqs:SendMessage",
                    "Principal": { "Service": "sns.amazonaws.com" }, "Resource": "*",
                    "Condition": { "StringEquals": { "aws:SourceAccount": account } } }] });
                it["resource"]["aws_sqs_queue_policy"]["more"] =
                    json!({ "queue_url": "${aws_sqs_queue.more.id}", "policy": policy.to_string() });
            });
        }
    };
    check(with(STRANGER), &["warning exposed prod module.sqs.aws_sqs_queue_policy.more"]);
}

/// The same in a document of the provider, and in the rights of a role.
#[test]
fn a_right_on_a_resource_of_another_account_is_a_finding() {
    let table = format!("arn:aws:dynamodb:ap-south-1:{STRANGER}:table/x");
    let document = block("lambdas", "data.aws_iam_policy_document.reconcile_orders", |it| {
        it["statement"].as_array_mut().unwrap().push(json!({ "effect": "Allow",
            "actions": ["dynamodb:PutItem"], "resources": [table] }));
    });
    let at = "module.lambdas.data.aws_iam_policy_document.reconcile_orders";
    check(document, &[&format!("warning exposed prod {at}")]);
}

/// A state may work with the rights of another role than the machine's.
#[test]
fn a_state_that_assumes_another_role_is_a_finding() {
    let told =
        |severity: &str, state: &str| format!("{severity} rights-widened prod {MACHINE}/{state}");
    let with = |role: Value| {
        machine(move |it| {
            it["States"]["StoreOrder"]["Credentials"] = json!({ "RoleArn": role });
        })
    };
    let foreign = json!(format!("arn:aws:iam::{STRANGER}:role/x"));
    for role in [foreign.clone(), json!("{% $role %}"), json!(["a"])] {
        check(with(role), &[&told("danger", "StoreOrder")]);
    }
    between(with(json!("${known}")), with(foreign.clone()), &[&told("danger", "StoreOrder")]);
    check(with(json!("arn:aws:iam::333333333333:role/x")), &[&told("warning", "StoreOrder")]);
    // A state that is new, and one inside of another.
    let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true,
        "Credentials": { "RoleArn": foreign } });
    check(machine(|it| it["States"]["More"] = task.clone()), &[&told("danger", "More")]);
    let map = json!({ "Type": "Map", "End": true,
        "ItemProcessor": { "StartAt": "Inner", "States": { "Inner": task } } });
    check(machine(|it| it["States"]["More"] = map.clone()), &[&told("danger", "Inner")]);
    // A machine that is new, with its definition in its block.
    let definition = json!({ "StartAt": "Inner", "States": { "Inner": task } }).to_string();
    check(
        |tree| {
            tree.file("prod/modules/stepfunctions/main.tf.json", |it| {
                let role = "${aws_iam_role.order.arn}";
                it["resource"]["aws_sfn_state_machine"]["more"] =
                    json!({ "name": "more", "definition": definition, "role_arn": role });
            });
        },
        &["danger rights-widened prod module.stepfunctions.aws_sfn_state_machine.more/Inner"],
    );
}
