//! The arrows between blocks: calls, messages and writes, each from its cause to its effect.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Graph, Places, edge};
use crate::{
    model::{Address, BlockKind, stack::Node as Block},
    render,
    wiring::{Who, Wiring, field, text},
};

/// Adds every arrow between drawn blocks.
pub(super) fn add(graph: &mut Graph, wiring: &Wiring<'_>, at: &Places<'_>) {
    let mut labels: BTreeMap<(usize, usize), BTreeSet<String>> = BTreeMap::new();
    let mut put = |from: Option<&usize>, to: Option<&usize>, label: String| {
        if let (Some(from), Some(to)) = (from, to) {
            labels.entry((*from, *to)).or_default().insert(label);
        }
    };
    let mut fed = BTreeSet::new();
    let resources = || wiring.stack().nodes().filter(|it| it.address.kind() == BlockKind::Resource);
    for block in resources() {
        match block.address.tf_type() {
            "aws_lambda_event_source_mapping" => {
                let queue = wiring.used(&block.address, "aws_sqs_queue");
                let function = function(wiring, &block.address);
                fed.extend(function.zip(queue));
                let from = queue.and_then(|it| at.get(it));
                put(from, function.and_then(|it| at.get(it)), "messages".to_owned());
            }
            "aws_sqs_queue_redrive_policy" => {
                let (from, to, label) = redrive(block);
                put(from.and_then(|it| at.get(it)), to.and_then(|it| at.get(it)), label);
            }
            "aws_api_gateway_integration" => {
                let api = wiring.used(&block.address, "aws_api_gateway_rest_api");
                let function = function(wiring, &block.address);
                let label = route(wiring, &block.address).unwrap_or_default();
                put(api.and_then(|it| at.get(it)), function.and_then(|it| at.get(it)), label);
            }
            "aws_s3_bucket_notification" => {
                let bucket = wiring.used(&block.address, "aws_s3_bucket");
                let queue = wiring.used(&block.address, "aws_sqs_queue");
                let to = queue.and_then(|it| at.get(it));
                put(bucket.and_then(|it| at.get(it)), to, "ObjectCreated".to_owned());
            }
            _ => (),
        }
    }
    for right in wiring.rights().filter(|it| it.allows) {
        let Who::Block(who) = right.who else { continue };
        // The permission of an API to invoke a function is drawn as its routes.
        if who.tf_type() == "aws_api_gateway_rest_api" {
            continue;
        }
        for on in &right.on {
            // The function's role has the right to receive, but messages flow from the queue to the function.
            if fed.contains(&(who, *on)) {
                continue;
            }
            for action in &right.actions {
                let action = action.split_once(':').map_or(*action, |(_, it)| it);
                let label = match (who.tf_type(), action) {
                    ("aws_scheduler_schedule", _) => rate(wiring, who),
                    (_, "InvokeFunction") => "invoke".to_owned(),
                    (_, action) => action.to_owned(),
                };
                put(at.get(who), at.get(on), label);
            }
        }
    }
    let all = labels.into_iter().map(|((from, to), labels)| {
        let labels: Vec<_> = labels.into_iter().collect();
        edge(from, to, labels.join(", "))
    });
    graph.edges.extend(all);
}

/// The function that a block calls by its alias.
fn function<'s>(wiring: &Wiring<'s>, caller: &Address) -> Option<&'s Address> {
    wiring.used(caller, "aws_lambda_alias").map(|it| wiring.owner(it))
}

fn redrive(block: &Block) -> (Option<&Address>, Option<&Address>, String) {
    let of = |name: &str| field(&block.body, name)?.attributes().first().map(|it| it.of());
    let policy: Value = render::block(block)["redrive_policy"]
        .as_str()
        .and_then(|it| serde_json::from_str(it).ok())
        .unwrap_or_default();
    let label = format!("after {} receives", policy["maxReceiveCount"]);
    (of("queue_url"), of("redrive_policy"), label)
}

/// `POST /order`, by the method and its resources.
fn route(wiring: &Wiring<'_>, integration: &Address) -> Option<String> {
    let method = wiring.node(wiring.used(integration, "aws_api_gateway_method")?)?;
    let verb = field(&method.body, "http_method").and_then(text)?;
    let mut path = String::new();
    let mut next = wiring.used(&method.address, "aws_api_gateway_resource");
    while let Some(resource) = next {
        let part = field(&wiring.node(resource)?.body, "path_part").and_then(text)?;
        path = format!("/{part}{path}");
        next = wiring.used(resource, "aws_api_gateway_resource");
    }
    Some(format!("{verb} {path}"))
}

fn rate(wiring: &Wiring<'_>, schedule: &Address) -> String {
    let block = wiring.node(schedule);
    let rate = block.and_then(|it| field(&it.body, "schedule_expression")).and_then(text);
    rate.unwrap_or_default().to_owned()
}
