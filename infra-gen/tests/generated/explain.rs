//! Compares the output of `infra-gen explain` with the generated files.

use infra_core::explain::{Explained, search};
use infra_gen::{config::Environment, roots::explained};

fn explain(address: &str) -> Explained {
    explained().explain(address, None).unwrap_or_else(|| panic!("nothing is called {address}"))
}

/// Who, `may` (or `may not`), what.
fn told(rights: &[infra_core::explain::Allowed]) -> Vec<String> {
    let line = |it: &infra_core::explain::Allowed| {
        let may = if it.allows { "may" } else { "may not" };
        let other = it.other.rsplit('.').next().unwrap();
        format!("{other} {may} {}", it.actions.join(" "))
    };
    rights.iter().map(line).collect()
}

#[track_caller]
fn check(address: &str, allowed: &[&str], may: &[&str]) {
    let it = explain(address);
    assert_eq!((told(&it.allowed), told(&it.may)), (strings(allowed), strings(may)));
}

fn strings(all: &[&str]) -> Vec<String> {
    all.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn who_may_do_what() {
    check(
        "module.sqs.aws_sqs_queue.order_queue",
        &[
            "* may not sqs:*",
            "fulfill_order may sqs:ChangeMessageVisibility sqs:DeleteMessage \
             sqs:GetQueueAttributes sqs:ReceiveMessage",
            "order_storage may sqs:SendMessage",
        ],
        &[],
    );
    // The machine calls the function by its alias, and the API by two routes.
    let own = ["* may xray:PutTelemetryRecords xray:PutTraceSegments"];
    let log = "validator may logs:CreateLogStream logs:PutLogEvents";
    let validator = "module.lambdas.aws_lambda_function.validator";
    check(validator, &["order may lambda:InvokeFunction"], &[own[0], log]);
    let api_handler = explain("module.lambdas.aws_lambda_function.api_handler");
    assert_eq!(told(&api_handler.allowed), ["orders may lambda:InvokeFunction"]);
    // A key's own policy, and the trust policy of a role.
    let key = explain("module.monitoring.aws_kms_key.alarms");
    assert!(
        told(&key.allowed).contains(
            &"cloudwatch may kms:Decrypt kms:GenerateDataKey".replace("cloudwatch", "com")
        )
    );
    assert!(key.allowed.iter().any(|it| it.other == "cloudwatch.amazonaws.com"));
    let role = explain("module.lambdas.aws_iam_role.reconcile_schedule");
    assert_eq!(role.allowed[0].other, "scheduler.amazonaws.com");
    assert_eq!(role.allowed[0].actions, ["sts:AssumeRole"]);
    let account = Environment::Prod.config().account.as_str();
    let condition = format!("StringEquals aws:SourceAccount {account}");
    assert_eq!(role.allowed[0].conditions, [condition]);
}

#[test]
fn where_it_comes_from_and_what_it_is_wired_to() {
    let queue = explain("module.sqs.aws_sqs_queue.order_queue");
    let (file, line) = queue.source.rsplit_once(':').unwrap();
    assert_eq!(file, "infra-gen/src/topology/sqs.rs");
    let source = include_str!("../../src/topology/sqs.rs");
    let line = source.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap();
    assert!(line.contains("module.queue_with_dead_letters("), "{line}");
    assert_eq!(queue.doc, "Orders that are stored and wait to be fulfilled.");
    assert_eq!(queue.roots, ["dev", "staging", "prod"]);
    let addresses = |all: &[infra_core::explain::Mention]| -> Vec<String> {
        all.iter().map(|it| it.address.clone()).collect()
    };
    assert_eq!(addresses(&queue.references), ["module.sqs.aws_kms_key.queues"]);
    let by = addresses(&queue.referenced_by);
    assert!(by.contains(&"module.lambdas.aws_lambda_function.fulfill_order".to_owned()), "{by:?}");
    let alarms: Vec<_> = queue.alarms.iter().map(|it| it.address.as_str()).collect();
    assert_eq!(alarms, ["module.monitoring.aws_cloudwatch_metric_alarm.queue_age"]);
    // All alarms notify the topic, and none watches it.
    assert!(explain("module.monitoring.aws_sns_topic.alarms").alarms.is_empty());
}

#[test]
fn every_block_comes_from_a_line_of_the_topology() {
    let roots = explained();
    let all = search(&roots, &[]);
    assert!(all.len() > 120);
    for hit in all {
        let source = roots.explain(&hit.address, None).unwrap().source;
        assert!(source.starts_with("infra-gen/src/topology/"), "{}: {source}", hit.address);
    }
}

#[test]
fn environments_differ_in_what_the_table_says() {
    let function = explain("module.lambdas.aws_lambda_function.fulfill_order");
    let paths: Vec<_> = function.differs.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(
        paths,
        ["environment[0].variables.LOG_LEVEL", "memory_size", "reserved_concurrent_executions",]
    );
    let memory = &function.differs[1].values;
    let memory: Vec<_> = memory.iter().map(|it| (it.root.clone(), it.value.clone())).collect();
    let of = |it: Environment| (it.to_string(), Some(it.config().memory.get().into()));
    assert_eq!(memory, Environment::ALL.map(of));
    // Names and accounts follow from the environment.
    assert!(explain("module.sqs.aws_sqs_queue_policy.order_queue").differs.is_empty());
    let key = explain("module.sqs.aws_kms_key.queues");
    assert_eq!((key.roots, key.differs.len()), (vec!["prod".to_owned()], 0));
}

#[test]
fn words_find_addresses() {
    let roots = explained();
    let first = |words: &[&str]| search(&roots, words).first().map(|it| it.address.clone());
    let function = Some("module.lambdas.aws_lambda_function.validator".to_owned());
    assert_eq!(first(&["function", "validator"]), function);
    assert_eq!(first(&["validater", "judges"]), function);
    let dead = Some("module.sqs.aws_sqs_queue.order_dlq".to_owned());
    assert_eq!(first(&["dlq", "order_dlq"]), dead);
    assert_eq!(first(&["deadline", "console"]), dead);
    assert_eq!(first(&["zzzzqq"]), None);
}
