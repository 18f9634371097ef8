//! Estimates the quantities that a stack uses in a month, from its blocks and from the path of an order.

use serde_json::Value;

use super::{Orders, Price};
use crate::{block::Block, root::Root};

/// How often a client requests the status of an order.
pub const READS_OF_AN_ORDER: f64 = 1.0;
/// How long a call takes, most of it waiting for AWS.
pub const CALL_SECONDS: f64 = 0.05;
/// The size of an item, and of a log line.
pub const ITEM_GB: f64 = 1e-6;
/// The size of an index entry as a share of the item: its keys, and the 100 bytes that DynamoDB adds.
pub const ENTRY: f64 = 0.2;
/// The size of a call's log.
pub const LOG_GB: f64 = 1e-6;
/// The share of requests that X-Ray traces: five percent by default.
pub const TRACED: f64 = 0.05;
/// Calls of KMS for each call of a function that uses encrypted resources.
pub const KEY_REQUESTS: f64 = 1.0;
/// A month.
const MINUTES: f64 = 30.0 * 24.0 * 60.0;
/// Empty receives in a month: five pollers, each waiting 20 seconds.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
const EMPTY_RECEIVES: f64 = 5.0 * MINUTES * 3.0;

/// A quantity of a price that a resource uses.
pub(super) struct Used {
    pub(super) address: String,
    pub(super) what: Price,
    pub(super) quantity: f64,
}

/// Every quantity that a root uses in a month with this number of orders.
pub(super) fn of(root: &Root, orders: Orders) -> Vec<Used> {
    let month = Month { root, orders: orders.get() as f64, states: states(root) };
    let mut used = Vec::new();
    for block in root.blocks.values() {
        used.extend(month.of(block).into_iter().map(|(what, quantity)| Used {
            address: block.address.clone(),
            what,
            quantity,
        }));
    }
    used
}

struct Month<'r> {
    root: &'r Root,
    orders: f64,
    /// The states that an order enters if nothing fails.
    states: f64,
}

impl Month<'_> {
    fn of(&self, block: &Block) -> Vec<(Price, f64)> {
        let body = &block.body;
        match block.tf_type.as_str() {
            "aws_api_gateway_stage" => {
                vec![
                    (Price::GatewayRequest, self.requests()),
                    (Price::Trace, self.requests() * TRACED),
                ]
            }
            "aws_lambda_function" => {
                let calls = self.calls(block);
                let memory = body["memory_size"].as_f64().unwrap_or(128.0) / 1024.0;
                let time = match body["architectures"][0] == "arm64" {
                    true => Price::FunctionGbSecondArm,
                    false => Price::FunctionGbSecondX86,
                };
                vec![(Price::FunctionRequest, calls), (time, calls * memory * CALL_SECONDS)]
            }
            // The start of an execution counts as a transition, too.
            "aws_sfn_state_machine" => {
                vec![(Price::MachineTransition, self.orders * (self.states + 1.0))]
            }
            "aws_dynamodb_table" => self.table(block),
            "aws_sqs_queue" => self.queue(block),
            "aws_scheduler_schedule" => vec![(Price::ScheduleCall, ticks(body))],
            "aws_kms_key" => {
                vec![(Price::CustomerKey, 1.0), (Price::KeyRequest, self.key_requests(block))]
            }
            "aws_wafv2_web_acl" => {
                let rules = body["rule"].as_array().map_or(0, Vec::len) as f64;
                vec![
                    (Price::Firewall, 1.0),
                    (Price::FirewallRule, rules),
                    (Price::FirewallRequest, self.requests()),
                ]
            }
            "aws_cloudwatch_metric_alarm" => {
                let queries = body["metric_query"].as_array();
                let metrics = queries
                    .map_or(1, |all| all.iter().filter(|it| !it["metric"].is_null()).count());
                vec![(Price::AlarmMetric, metrics as f64)]
            }
            "aws_cloudwatch_dashboard" => vec![(Price::Dashboard, 1.0)],
            "aws_cloudwatch_log_group" => {
                let logged = self.logged(block);
                let months = body["retention_in_days"].as_f64().unwrap_or(30.0) / 30.0;
                vec![(Price::LogIngestion, logged), (Price::LogStorage, logged * months)]
            }
            _ => Vec::new(),
        }
    }

    /// The requests of the API: an order is placed once, and its status is requested.
    fn requests(&self) -> f64 {
        self.orders * (1.0 + READS_OF_AN_ORDER)
    }

    /// How often a function is called: by routes, machines, queues and schedules.
    fn calls(&self, function: &Block) -> f64 {
        let mut calls = 0.0;
        for it in self.root.blocks.values() {
            let (value, times) = match it.tf_type.as_str() {
                "aws_api_gateway_integration" => {
                    let read =
                        it.address.rsplit('.').next().is_some_and(|it| it.starts_with("get"));
                    (
                        &it.body["uri"],
                        if read { self.orders * READS_OF_AN_ORDER } else { self.orders },
                    )
                }
                "aws_sfn_state_machine" => {
                    (it.document.as_ref().unwrap_or(&it.body["definition"]), self.orders)
                }
                "aws_lambda_event_source_mapping" => {
                    (&it.body["function_name"], self.orders * self.receives(function))
                }
                "aws_scheduler_schedule" => (&it.body["target"], ticks(&it.body)),
                _ => continue,
            };
            if self.leads_to(value, function) {
                calls += times;
            }
        }
        calls
    }

    /// Whether a value names an alias of the function.
    fn leads_to(&self, value: &Value, function: &Block) -> bool {
        let mut aliases = self.mentioned(value).filter(|it| it.tf_type == "aws_lambda_alias");
        aliases.any(|it| self.mentions(&it.body["function_name"], function))
    }

    fn each(&self, tf_type: &'static str) -> impl Iterator<Item = &Block> {
        self.root.blocks.values().filter(move |it| it.tf_type == tf_type)
    }

    /// Every block that a value refers to.
    fn mentioned(&self, value: &Value) -> impl Iterator<Item = &Block> {
        let mut names = Vec::new();
        collect(value, &mut names);
        names.into_iter().filter_map(|it| self.root.blocks.get(&it))
    }

    fn mentions(&self, value: &Value, block: &Block) -> bool {
        self.mentioned(value).any(|it| it.address == block.address)
    }

    /// The share of orders that a function can fulfil: 1 for a function that does not decide orders.
    fn fulfilled(&self, function: &Block) -> f64 {
        let variables = &function.body["environment"][0]["variables"];
        let rate = variables["FULFILLMENT_RATE"].as_str().and_then(|it| it.parse::<f64>().ok());
        rate.map_or(1.0, |it| it / 100.0)
    }

    /// How often a message is received: once if its order can be fulfilled, otherwise until SQS moves it to the
    /// dead-letter queue.
    fn receives(&self, function: &Block) -> f64 {
        let fulfilled = self.fulfilled(function);
        let redrives = self.each("aws_sqs_queue_redrive_policy");
        let most = redrives.filter_map(|it| {
            let policy = it.body["redrive_policy"].as_str()?;
            serde_json::from_str::<Value>(policy).ok()?["maxReceiveCount"].as_f64()
        });
        fulfilled + (1.0 - fulfilled) * most.fold(1.0, f64::max)
    }

    /// Writes to tables. A record is written when it is stored and when it is decided. An index is written when the
    /// record is stored, and twice when it is decided, because its keys change. A table without an index has the failed
    /// orders.
    fn table(&self, table: &Block) -> Vec<(Price, f64)> {
        let indexes = table.body["global_secondary_index"].as_array();
        let share = |it: &Value| if it["projection_type"] == "KEYS_ONLY" { ENTRY } else { 1.0 };
        let entries: f64 = indexes.into_iter().flatten().map(share).sum();
        let indexes = indexes.map_or(0, Vec::len) as f64;
        let functions = self.each("aws_lambda_function");
        let failed = 1.0 - functions.map(|it| self.fulfilled(it)).fold(1.0, f64::min);
        let (writes, reads) = if indexes > 0.0 {
            (2.0 + 3.0 * indexes, READS_OF_AN_ORDER + 1.0)
        } else {
            (failed, 0.0)
        };
        let items = if indexes > 0.0 { 1.0 + entries } else { failed };
        let kept = self.orders * ITEM_GB * items;
        let backups = table.body["point_in_time_recovery"][0]["enabled"] == true;
        let mut used = vec![
            (Price::TableWrite, self.orders * writes),
            (Price::TableRead, self.orders * reads),
            (Price::TableStorage, kept),
        ];
        if backups {
            used.push((Price::TableBackup, kept));
        }
        used
    }

    /// Requests of queues. A message is sent once. Each attempt receives it, and deletes or hides it. Pollers also
    /// receive from an empty queue.
    fn queue(&self, queue: &Block) -> Vec<(Price, f64)> {
        let mut sources = self.each("aws_lambda_event_source_mapping");
        let fed = sources.find(|it| self.mentions(&it.body["event_source_arn"], queue));
        let Some(source) = fed else { return Vec::new() };
        let mut functions = self.each("aws_lambda_function");
        let function = functions.find(|it| self.leads_to(&source.body["function_name"], it));
        let receives = function.map_or(1.0, |it| self.receives(it));
        vec![(Price::QueueRequest, self.orders * (1.0 + 2.0 * receives) + EMPTY_RECEIVES)]
    }

    /// Requests of keys. Every order uses the keys of tables and queues.
    fn key_requests(&self, key: &Block) -> f64 {
        let users = self.root.blocks.values().filter(|it| {
            matches!(it.tf_type.as_str(), "aws_dynamodb_table" | "aws_sqs_queue")
                && self.mentions(&it.body, key)
        });
        users.count() as f64 * self.orders * KEY_REQUESTS
    }

    /// The size of a log group's lines: one line for each call of the resource that writes to it.
    fn logged(&self, group: &Block) -> f64 {
        let mut lines = 0.0;
        for writer in self.root.blocks.values() {
            let lines_of = match writer.tf_type.as_str() {
                "aws_lambda_function" => Self::calls,
                "aws_api_gateway_stage" => |month: &Self, _: &Block| month.requests(),
                "aws_sfn_state_machine" => |month: &Self, _: &Block| month.orders * month.states,
                // The firewall logs only blocked requests, which are not orders.
                _ => continue,
            };
            if self.mentions(&writer.body, group) {
                lines += lines_of(self, writer);
            }
        }
        lines * LOG_GB
    }
}

/// How often a schedule fires in a month: `rate(5 minutes)`. Another expression counts as daily.
fn ticks(schedule: &Value) -> f64 {
    let expression = schedule["schedule_expression"].as_str().unwrap_or_default();
    let minutes = expression.strip_prefix("rate(").and_then(|it| it.split_once(" minute"));
    let minutes = minutes.and_then(|(it, _)| it.parse::<f64>().ok()).unwrap_or(24.0 * 60.0);
    MINUTES / minutes
}

/// The states on the path without errors.
fn states(root: &Root) -> f64 {
    let mut count: u32 = 0;
    for machine in root.blocks.values().filter(|it| it.tf_type == "aws_sfn_state_machine") {
        let Some(document) = &machine.document else { continue };
        let mut at = document["StartAt"].as_str();
        while let Some(name) = at {
            let state = &document["States"][name];
            count += 1;
            // A Choice takes its first rule, because the others are for rarer cases.
            let next = state["Next"].as_str().or(state["Choices"][0]["Next"].as_str());
            at = next.filter(|_| count < 10_000);
        }
    }
    f64::from(count)
}

/// Every word in the expressions of a value that may be the address of a block.
fn collect(value: &Value, addresses: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains("${") && text.contains("module.") => {
            let words = text
                .split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-')));
            addresses.extend(words.filter_map(|word| {
                let parts: Vec<&str> = word.split('.').collect();
                match parts.as_slice() {
                    ["module", module, tf_type, name, _, ..] => {
                        Some(format!("module.{module}.{tf_type}.{name}"))
                    }
                    _ => None,
                }
            }));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, addresses)),
        Value::Object(fields) => fields.values().for_each(|it| collect(it, addresses)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}
