//! Modules: whether they are called, what they are given, and what moves within them.

use serde_json::{Value, json};

use super::{Tree, between, check, lines, remove, reviewed};

#[test]
fn a_module_that_is_not_called_is_destroyed() {
    const LOST: &str = "danger data-loss prod module.sqs.aws_sqs_queue.order_queue";
    let call = |edit: fn(&mut Value)| move |tree: &mut Tree| tree.file("prod/main.tf.json", edit);
    let has = |edit: fn(&mut Value)| {
        let (before, mut after) = (Tree::today(), Tree::today());
        call(edit)(&mut after);
        let review = reviewed(&before, &after);
        let of = |it: &&infra_review::Finding| it.rule.as_str() == "data-loss";
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
