//! In all seeds together, each function makes exactly the calls that its role allows.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::collections::BTreeSet;

use contracts::order::ByStatus;
use function_contract::item::index_name;
use simulation::{
    facts::{Facts, MACHINE},
    plan::Plan,
    run::run,
};

/// The permissions that Lambda itself uses with a function's role: logs, traces, and receiving messages.
const LAMBDAS_OWN: &[&str] = &[
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
];

/// Returns the resource of a policy in the form in which functions address it.
fn address(resource: &str) -> String {
    let executions = "${replace(var.order_machine_arn, \":stateMachine:\", \":execution:\")}:*";
    match resource {
        "${var.orders_table_arn}" => "orders".to_owned(),
        "${var.failed_orders_table_arn}" => "failed_orders".to_owned(),
        "${var.order_queue_arn}" => "order_queue".to_owned(),
        "${var.order_machine_arn}" => MACHINE.to_owned(),
        it if it == executions => MACHINE.replace(":stateMachine:", ":execution:"),
        it => match it.strip_prefix("${var.orders_table_arn}/index/") {
            Some(index) => format!("orders/index/{index}"),
            None => panic!("no call has the address {it}"),
        },
    }
}

#[test]
fn calls_are_rights() {
    let facts = Facts::of_dev().unwrap();
    assert!(
        facts.functions["reconcile_orders"]
            .rights
            .iter()
            .any(|(_, resource)| resource.ends_with(&index_name::<ByStatus>()))
    );
    let granted: BTreeSet<(String, String, String)> = facts
        .functions
        .iter()
        .flat_map(|(function, facts)| facts.rights.iter().map(move |right| (function, right)))
        .filter(|(_, (action, _))| !LAMBDAS_OWN.contains(&action.as_str()))
        .map(|(function, (action, resource))| (function.clone(), action.clone(), address(resource)))
        .collect();
    let seen: BTreeSet<(String, String, String)> = (0..1_000)
        .flat_map(|seed| run(&facts, &Plan::of(seed), seed, false).seen)
        .map(|(function, action, resource)| (function.to_owned(), action.to_owned(), resource))
        .collect();
    let unused: Vec<_> = granted.difference(&seen).collect();
    let forbidden: Vec<_> = seen.difference(&granted).collect();
    assert!(unused.is_empty(), "granted, and never used: {unused:#?}");
    assert!(forbidden.is_empty(), "used, and not granted: {forbidden:#?}");
}
