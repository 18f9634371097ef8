//! Every permission of a role is needed: without it, a scenario is denied. With all permissions, no scenario is denied.
//!
//! The test uses a system of its own, because it would also deny the scenarios of other tests.

use std::{
    cell::Cell,
    collections::BTreeSet,
    time::{Duration, Instant},
};

use fs_err as fs;
use serde_json::{Value, json};

use crate::{
    http::send,
    play::{Play, Scenario},
    support::{Local, eventually, measured, order, scenario_alone},
    trouble::{query, signature},
};

/// Permissions that no scenario needs, with the reason.
const NOT_CALLED: [(&str, &str); 1] = [("xray:", "the emulated AWS has no X-Ray")];

/// Returns the scenario that needs a permission. An order on its way needs every permission that has none of its own.
fn needs(role: &str, action: &str, resource: &str) -> Scenario {
    let of_logs = ["logs:CreateLogStream", "logs:PutLogEvents"].contains(&action);
    match (role, action) {
        ("api-handler", "states:StartExecution") => Scenario::Place,
        ("api-handler", "states:DescribeExecution") => Scenario::LookForUnknown,
        ("api-handler", "dynamodb:GetItem") => Scenario::Look,
        ("api-handler", _) if of_logs => Scenario::Look,
        ("validator", _) if of_logs => Scenario::Validate,
        ("order-storage", "dynamodb:GetItem") => Scenario::StoreAgain,
        ("order-storage", "dynamodb:PutItem" | "sqs:SendMessage") => Scenario::Store,
        ("order-storage", _) if of_logs => Scenario::Store,
        ("fulfill-order", "dynamodb:GetItem" | "dynamodb:UpdateItem") => Scenario::Fulfil,
        ("fulfill-order", "dynamodb:PutItem" | "sqs:ChangeMessageVisibility") => Scenario::Fail,
        ("fulfill-order", "dynamodb:DeleteItem") => Scenario::FulfilFailed,
        (
            "fulfill-order",
            "sqs:ReceiveMessage" | "sqs:DeleteMessage" | "sqs:GetQueueAttributes",
        ) => Scenario::Deliver,
        ("fulfill-order", _) if of_logs => Scenario::Fulfil,
        ("reconcile-orders", action) if action.starts_with("dynamodb:") => Scenario::Reconcile,
        ("reconcile-orders", _) if of_logs => Scenario::Reconcile,
        ("reconcile-schedule", "lambda:InvokeFunction") => Scenario::Tick,
        ("order", "lambda:InvokeFunction") => Scenario::Place,
        ("order", "dynamodb:PutItem") if resource.ends_with("failed-orders") => Scenario::Record,
        ("order", "dynamodb:PutItem") => Scenario::Reject,
        ("order", "dynamodb:GetItem") => Scenario::RecordOfAnother,
        ("order", action) if action.starts_with("logs:") => Scenario::Deploy,
        _ => Scenario::Place,
    }
}

/// Reads the calls that the emulated AWS has denied.
struct Denied<'a> {
    local: &'a Local,
    seen: Cell<usize>,
}

impl Denied<'_> {
    fn since(&self) -> Vec<String> {
        let said = fs::read_to_string(&self.local.up.running.log).unwrap();
        let new = said[self.seen.get()..].lines().filter(|it| it.contains("denied: "));
        let new: Vec<String> = new.map(str::to_owned).collect();
        self.seen.set(said.len());
        new
    }

    /// Waits until this action is denied.
    async fn is_told(&self, role: &str, action: &str) -> Result<String, Vec<String>> {
        let (begin, mut others) = (Instant::now(), Vec::new());
        let (who, what) = (format!(":assumed-role/{role}/"), format!("to perform: {action} on "));
        while begin.elapsed() < Duration::from_secs(120) {
            let mut new = self.since();
            if let Some(it) = new.iter().position(|it| it.contains(&who) && it.contains(&what)) {
                return Ok(new.swap_remove(it));
            }
            others.extend(new);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(others)
    }
}

async fn names_of_roles(local: &Local) -> BTreeSet<String> {
    let said = query(local, "iam", &[("Action", "ListRoles"), ("Version", "2010-05-08")]).await;
    let names = said.split("<RoleName>").skip(1).filter_map(|it| Some(it.split_once('<')?.0));
    names.map(str::to_owned).collect()
}

async fn policy(local: &Local, role: &str) -> Value {
    let call = [
        ("Action", "GetRolePolicy"),
        ("Version", "2010-05-08"),
        ("RoleName", role),
        ("PolicyName", "rights"),
    ];
    let said = query(local, "iam", &call).await;
    let document = said.split_once("<PolicyDocument>").unwrap().1.split_once('<').unwrap().0;
    let form = format!("it={document}");
    let (_, document) = url::form_urlencoded::parse(form.as_bytes()).next().unwrap();
    serde_json::from_str(&document).unwrap_or_else(|err| panic!("{err}: {document}"))
}

async fn put_policy(local: &Local, role: &str, policy: &Value) {
    let call = [
        ("Action", "PutRolePolicy"),
        ("Version", "2010-05-08"),
        ("RoleName", role),
        ("PolicyName", "rights"),
        ("PolicyDocument", &policy.to_string()),
    ];
    query(local, "iam", &call).await;
}

/// Returns the elements of a value that may be a list or a single element.
fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

/// Returns each permission of a policy: the action, the resource, and the policy without it.
fn rights(policy: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (place, statement) in policy["Statement"].as_array().unwrap().iter().enumerate() {
        let (actions, resources) = (list(&statement["Action"]), list(&statement["Resource"]));
        assert!(!actions.is_empty() && resources.len() == 1, "{statement}");
        for action in &actions {
            let left: Vec<_> = actions.iter().filter(|it| *it != action).collect();
            let mut without = policy.clone();
            // A policy needs a statement, and a statement an action. This action needs no permission.
            let left = if left.is_empty() { vec![&"sts:GetCallerIdentity"] } else { left };
            without["Statement"][place]["Action"] = json!(left);
            found.push(((*action).to_owned(), resources[0].to_owned(), without));
        }
    }
    found
}

/// Puts the policy of a role without an action.
async fn without(local: &Local, role: &str, action: &str) -> Value {
    let whole = policy(local, role).await;
    let (_, _, less) = rights(&whole).into_iter().find(|it| it.0 == action).unwrap();
    put_policy(local, role, &less).await;
    whole
}

/// Failures show that a call was denied: an execution names the denied call of the machine or the function, and an event source
/// says why it receives nothing.
async fn red_where_it_shows(local: &Local) {
    for (role, action, words) in [
        ("dofs-dev-order", "lambda:InvokeFunction", "Lambda.AWSLambdaException"),
        ("dofs-dev-order-storage", "dynamodb:PutItem", "AccessDeniedException"),
    ] {
        let whole = without(local, role, action).await;
        let order = local.place(order(1, 1.0), None).await;
        let order = order.try_into().unwrap();
        let arn = local.system.execution_arn(&order);
        let history = || async {
            let call = local.system.sfn.get_execution_history().execution_arn(&arn);
            let history = call.send().await.ok()?;
            let failed = history.events().iter().filter_map(|it| it.task_failed_event_details());
            // The SDK hides both values in its `Debug` output.
            let mut said = failed.map(|it| {
                let (error, cause) = (it.error(), it.cause());
                format!("{} {}", error.unwrap_or_default(), cause.unwrap_or_default())
            });
            said.find(|it| it.contains(words))
        };
        let said = eventually(&format!("{words} in {arn}"), history).await;
        assert!(said.contains(action) || role != "dofs-dev-order", "{said}");
        put_policy(local, role, &whole).await;
        // No order is lost by it.
        local.ended(order.as_str()).await;
    }
    let (role, action) = ("dofs-dev-fulfill-order", "sqs:ReceiveMessage");
    let whole = without(local, role, action).await;
    let order = local.place(order(1, 1.0), None).await;
    let url = format!("{}/2015-03-31/event-source-mappings", local.up.running.endpoint);
    let mapping = || async {
        let headers = vec![("Authorization", signature(local, "lambda"))];
        let (_, _, said) = send("GET", url.clone(), headers, Vec::new()).await;
        said.contains(&format!("is not authorized to perform: {action}")).then_some(())
    };
    eventually("an event source that says why", mapping).await;
    let view = local.view(&order).await.unwrap();
    assert!(!view.status.is_final(), "{view:?}");
    put_policy(local, role, &whole).await;
    local.ended(&order).await;
}

#[test]
fn every_permission_is_needed() {
    scenario_alone("rights", async |local| {
        let play = Play::new(local).await;
        let denied = Denied { local, seen: Cell::new(0) };
        // With all permissions, neither the start nor a scenario is denied.
        for scenario in Scenario::ALL {
            play.scenario(scenario).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(denied.since(), [""; 0]);

        let (mut needed, mut not_called, mut not_needed) = (0, BTreeSet::new(), Vec::new());
        let begin = Instant::now();
        for role in names_of_roles(local).await {
            let Some(short) = role.strip_prefix("dofs-dev-") else { continue };
            let whole = policy(local, &role).await;
            for (action, resource, without) in rights(&whole) {
                if let Some((_, why)) = NOT_CALLED.iter().find(|it| action.starts_with(it.0)) {
                    not_called.insert(format!("{short}: {action}, because {why}"));
                    continue;
                }
                let scenario = needs(short, &action, &resource);
                put_policy(local, &role, &without).await;
                denied.since();
                play.scenario(scenario).await;
                match denied.is_told(&role, &action).await {
                    Ok(line) => {
                        needed += 1;
                        let missing = format!("\"Action\": \"{action}\"");
                        assert!(line.contains(&missing), "the missing statement is not printed: {line}");
                    }
                    Err(others) => not_needed.push(format!(
                        "{short}: {action} on {resource}: {scenario:?} was not denied, but {others:#?}"
                    )),
                }
                put_policy(local, &role, &whole).await;
            }
        }
        red_where_it_shows(local).await;
        measured(&format!(
            "{needed} rights are needed, each by a scenario, {:.1} s; not called here: {not_called:#?}",
            begin.elapsed().as_secs_f64()
        ));
        assert!(not_needed.is_empty(), "{not_needed:#?}");
        assert!(needed > 30, "only {needed}");
    });
}
