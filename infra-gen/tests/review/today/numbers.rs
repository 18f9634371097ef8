//! Numbers, texts and lists that Terraform takes for the same.

use serde_json::{Value, json};

use super::{Tree, reviewed, silent};

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
