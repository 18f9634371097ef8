//! Changes that cost more, as far as they can be seen without a price list.

use super::{
    block::{Block, minutes, plain},
    compare::Comparison,
    finding::{Found, Rule, Severity},
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for block in compare.added() {
        if let Some(problem) = always_on(block) {
            found.push(Found::new(Severity::Notice, Rule::CostUp, &block.address, problem));
        }
    }
    for (before, after) in compare.stayed() {
        let mut tell = |problem: String| {
            found.push(Found::new(Severity::Notice, Rule::CostUp, &after.address, problem));
        };
        sizes(before, after, &mut tell);
        switches(before, after, &mut tell);
        logs(before, after, &mut tell);
        schedule(before, after, &mut tell);
    }
}

/// The finding about a new resource that costs money by the hour or the month even if it is not used.
fn always_on(block: &Block) -> Option<&'static str> {
    match block.tf_type.as_str() {
        "aws_kms_key" => Some("a key is paid for by the month, and by the call"),
        "aws_lambda_provisioned_concurrency_config" => Some("instances are paid for by the hour"),
        "aws_nat_gateway" | "aws_vpc_endpoint" => Some("it is paid for by the hour"),
        "aws_dynamodb_table" if block.text(&["billing_mode"]) != Some("PAY_PER_REQUEST") => {
            Some("capacity is paid for by the hour")
        }
        _ => None,
    }
}

fn sizes(before: &Block, after: &Block, tell: &mut impl FnMut(String)) {
    const SIZES: &[(&[&str], f64, &str)] = &[
        (&["memory_size"], 128.0, "MB of memory: each millisecond is paid for by the MB"),
        (&["ephemeral_storage", "size"], 512.0, "MB of storage"),
        (&["read_capacity"], 0.0, "units to read, paid for by the hour"),
        (&["write_capacity"], 0.0, "units to write, paid for by the hour"),
        (&["provisioned_concurrent_executions"], 0.0, "instances, paid for by the hour"),
    ];
    for (path, default, unit) in SIZES {
        let of = |it: &Block| it.number(path).unwrap_or(*default);
        if of(after) > of(before) {
            tell(format!("{} {unit}, before {}", plain(of(after)), plain(of(before))));
        }
    }
}

fn switches(before: &Block, after: &Block, tell: &mut impl FnMut(String)) {
    let is = |it: &Block, path: &[&str], value: &str| it.text(path) == Some(value);
    const MODE: &[&str] = &["billing_mode"];
    if is(before, MODE, "PAY_PER_REQUEST") && !is(after, MODE, "PAY_PER_REQUEST") {
        tell("capacity is paid for by the hour, before by the request".to_owned());
    }
    let processor = |it: &Block| it.texts(&["architectures"]).concat();
    if processor(before) == "arm64" && processor(after) != "arm64" {
        tell("x86_64 costs more than arm64 for each millisecond".to_owned());
    }
    let recovers = |it: &Block| it.truth(&["point_in_time_recovery", "enabled"]) == Some(true);
    if !recovers(before) && recovers(after) {
        tell("point-in-time recovery is paid for by the GB".to_owned());
    }
    let indexes = |it: &Block| super::block::items(&it.body["global_secondary_index"]).len();
    if indexes(after) > indexes(before) {
        tell("each index is written with every item, and paid for as a table".to_owned());
    }
    let cached = |it: &Block| it.truth(&["cache_cluster_enabled"]) == Some(true);
    if !cached(before) && cached(after) {
        tell("a cache is paid for by the hour".to_owned());
    }
}

/// Logs that are kept for longer.
fn logs(before: &Block, after: &Block, tell: &mut impl FnMut(String)) {
    if before.tf_type != "aws_cloudwatch_log_group" {
        return;
    }
    let days = |it: &Block| it.number(&["retention_in_days"]).filter(|it| *it > 0.0);
    match (days(before), days(after)) {
        (Some(old), Some(new)) if new > old => {
            tell(format!("logs are kept {} days, before {}", plain(new), plain(old)));
        }
        (Some(old), None) => tell(format!("logs are kept for ever, before {} days", plain(old))),
        _ => (),
    }
}

/// Schedules that call more often.
fn schedule(before: &Block, after: &Block, tell: &mut impl FnMut(String)) {
    if let Some((old, new)) = minutes(before).zip(minutes(after)).filter(|(old, new)| new < old) {
        tell(format!("it is called every {} minutes, before every {}", plain(new), plain(old)));
    }
}
