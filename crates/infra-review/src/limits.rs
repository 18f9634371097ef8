//! Finds limits and timeouts that no longer fit each other.
//!
//! Each rule checks both trees. A misfit that the tree before has with the same numbers is not a finding, because the
//! change did not cause it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    block::{plain, span, target},
    compare::Comparison,
    finding::{Found, Rule, Severity},
    root::Root,
};
use infra_core::check::asl;

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    let same = |it: &Misfit| (it.rule, it.address.clone(), it.problem.clone());
    let before: BTreeSet<_> = misfits(compare.before).iter().map(same).collect();
    let new = misfits(compare.after).into_iter().filter(|it| !before.contains(&same(it)));
    found.extend(new.map(|it| Found::new(it.severity, Rule::LimitsMisfit, it.address, it.problem)));
    hidden(compare, found);
}

/// Finds visibility timeouts that grow, relative to the timeout of the function, to twice as much or more. After a
/// crash of the function, SQS delivers the message again only when this time is over.
fn hidden(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_sqs_queue") {
        let hidden =
            |it: &super::block::Block| it.number(&["visibility_timeout_seconds"]).unwrap_or(30.0);
        let (old, new) = (hidden(before), hidden(after));
        let due = |root: &Root| due(root, &after.address);
        // If no function receives from the queue, no crash leaves a message behind.
        let Some((due_before, due_now)) = due(compare.before).zip(due(compare.after)) else {
            continue;
        };
        if new > old && new / due_now >= 2.0 * old / due_before {
            let problem = format!(
                "a message that is left behind comes back after {} s, before after {} s",
                plain(new),
                plain(old)
            );
            let rule = Rule::LimitsMisfit;
            found.push(Found::new(Severity::Warning, rule, &after.address, problem));
        }
    }
}

/// The visibility timeout that AWS recommends for a queue, by the function that receives from it.
fn due(root: &Root, queue: &str) -> Option<f64> {
    let mut sources = root.of_type("aws_lambda_event_source_mapping");
    let source = sources.find(|it| it.refers(&["event_source_arn"]) == Some(queue))?;
    let function = function(root, source.text(&["function_name"])?)?;
    let window = source.number(&["maximum_batching_window_in_seconds"]).unwrap_or(0.0);
    Some(6.0 * function.number(&["timeout"]).unwrap_or(DEFAULT_TIMEOUT) + window)
}

struct Misfit {
    rule: &'static str,
    severity: Severity,
    address: String,
    problem: String,
}

fn misfits(root: &Root) -> Vec<Misfit> {
    let mut found = Vec::new();
    queues(root, &mut found);
    dead_letters(root, &mut found);
    machines(root, &mut found);
    routes(root, &mut found);
    found
}

/// The default timeout of Lambda, in seconds.
const DEFAULT_TIMEOUT: f64 = 3.0;

/// The function that a reference names, directly or by an alias.
fn function<'r>(root: &'r Root, text: &str) -> Option<&'r super::block::Block> {
    let block = root.blocks.get(target(text)?)?;
    match block.tf_type.as_str() {
        "aws_lambda_alias" => root.blocks.get(block.refers(&["function_name"])?),
        "aws_lambda_function" => Some(block),
        _ => None,
    }
}

fn queues(root: &Root, found: &mut Vec<Misfit>) {
    for source in root.of_type("aws_lambda_event_source_mapping") {
        let Some(function) = source.text(&["function_name"]).and_then(|it| function(root, it))
        else {
            continue;
        };
        let Some(queue) = source.refers(&["event_source_arn"]).and_then(|it| root.blocks.get(it))
        else {
            continue;
        };
        let timeout = function.number(&["timeout"]).unwrap_or(DEFAULT_TIMEOUT);
        let window = source.number(&["maximum_batching_window_in_seconds"]).unwrap_or(0.0);
        let hidden = queue.number(&["visibility_timeout_seconds"]).unwrap_or(30.0);
        let due = 6.0 * timeout + window;
        if queue.tf_type == "aws_sqs_queue" && hidden < due {
            found.push(Misfit {
                rule: "visibility",
                severity: Severity::Danger,
                address: queue.address.clone(),
                problem: format!(
                    "a message is hidden for {} s, less than 6 x the timeout of {} + the batch window \
                     (6 x {} + {} = {} s): it can come back while it is worked on",
                    plain(hidden),
                    function.local(),
                    plain(timeout),
                    plain(window),
                    plain(due)
                ),
            });
        }
        let at_once = source.number(&["scaling_config", "maximum_concurrency"]);
        let reserved = function.number(&["reserved_concurrent_executions"]);
        if let Some((at_once, reserved)) = at_once.zip(reserved).filter(|(it, has)| it > has) {
            found.push(Misfit {
                rule: "concurrency",
                severity: Severity::Warning,
                address: source.address.clone(),
                problem: format!(
                    "it keeps up to {} instances busy, and {} are reserved: each throttled call uses up an \
                     attempt of its messages",
                    plain(at_once),
                    plain(reserved)
                ),
            });
        }
    }
}

/// SQS keeps the first enqueue time of a dead letter, so the dead-letter queue must keep messages longer than the
/// queue.
fn dead_letters(root: &Root, found: &mut Vec<Misfit>) {
    for policy in root.of_type("aws_sqs_queue_redrive_policy") {
        let to = policy.json("redrive_policy");
        let to = to.as_ref().and_then(|it| target(it["deadLetterTargetArn"].as_str()?));
        let queue = policy.refers(&["queue_url"]).and_then(|it| root.blocks.get(it));
        let Some((queue, dead)) = queue.zip(to.and_then(|it| root.blocks.get(it))) else {
            continue;
        };
        let kept = |it: &super::block::Block| {
            it.number(&["message_retention_seconds"]).unwrap_or(345_600.0)
        };
        if kept(dead) <= kept(queue) {
            found.push(Misfit {
                rule: "dlq-retention",
                severity: Severity::Danger,
                address: dead.address.clone(),
                problem: format!(
                    "dead letters are kept {}, counted from when they first came, and {} keeps messages {}: \
                     some expire before they arrive",
                    span(kept(dead)),
                    queue.local(),
                    span(kept(queue))
                ),
            });
        }
    }
}

/// A task must wait for as long as its function may run, and an execution for as long as all its tasks may take.
fn machines(root: &Root, found: &mut Vec<Misfit>) {
    for machine in root.of_type("aws_sfn_state_machine") {
        let Some(document) = &machine.document else { continue };
        for (name, state) in super::flow::states(document) {
            let called = &state["Arguments"]["FunctionName"];
            let Some(function) = called.as_str().and_then(|it| function(root, it)) else {
                continue;
            };
            let Some(waits) = state["TimeoutSeconds"].as_f64() else { continue };
            let timeout = function.number(&["timeout"]).unwrap_or(DEFAULT_TIMEOUT);
            if waits < timeout {
                found.push(Misfit {
                    rule: "task-timeout",
                    severity: Severity::Warning,
                    address: format!("{}/{name}", machine.address),
                    problem: format!(
                        "the state waits {} s for {}, which may take {} s: it is tried again while it \
                         still runs",
                        plain(waits),
                        function.local(),
                        plain(timeout)
                    ),
                });
            }
        }
        let limit = document.get("TimeoutSeconds").and_then(Value::as_u64);
        let worst = asl::worst_case_seconds(document);
        if let Some((limit, worst)) = limit.zip(worst).filter(|(limit, worst)| limit < worst) {
            found.push(Misfit {
                rule: "machine-timeout",
                severity: Severity::Danger,
                address: machine.address.clone(),
                problem: format!(
                    "an execution may take {worst} s, all attempts and waits together, and times out after \
                     {limit} s"
                ),
            });
        }
    }
}

/// API Gateway waits 29 seconds for an integration by default.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
fn routes(root: &Root, found: &mut Vec<Misfit>) {
    for integration in root.of_type("aws_api_gateway_integration") {
        let Some(function) = integration.text(&["uri"]).and_then(|it| function(root, it)) else {
            continue;
        };
        let waits = integration.number(&["timeout_milliseconds"]).unwrap_or(29_000.0) / 1000.0;
        let timeout = function.number(&["timeout"]).unwrap_or(DEFAULT_TIMEOUT);
        if timeout > waits {
            found.push(Misfit {
                rule: "route-timeout",
                severity: Severity::Warning,
                address: integration.address.clone(),
                problem: format!(
                    "the API waits {} s for {}, which may take {} s: the caller gets a 504, although the \
                     function does its work",
                    plain(waits),
                    function.local(),
                    plain(timeout)
                ),
            });
        }
    }
}
