//! Relations of functions with what calls them: event sources and schedules.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    check::{
        Violation,
        policy::{Block, Blocks},
    },
    model::Stack,
};

/// The functions behind a value that names an alias or a function.
fn functions<'b>(blocks: &'b Blocks<'b>, at: &Block<'_>, value: &Value) -> Vec<&'b Block<'b>> {
    let named = blocks.mentioned(at, value).into_iter();
    let behind = named.flat_map(|it| match it.tf_type {
        "aws_lambda_alias" => blocks.mentioned(it, &it.body["function_name"]),
        _ => vec![it],
    });
    behind.filter(|it| it.tf_type == "aws_lambda_function").collect()
}

/// Finds functions whose event sources may invoke them more often at once than they have reserved concurrency.
pub(super) fn event_sources(_: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let mut sources: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
    for source in blocks.each("aws_lambda_event_source_mapping") {
        let most = source.body["scaling_config"][0]["maximum_concurrency"].as_u64();
        for function in functions(blocks, source, &source.body["function_name"]) {
            let of_it = sources.entry(function.address).or_default();
            of_it.extend(most.map(|most| (source.address, most)));
        }
    }
    let over = sources.into_iter().filter_map(|(function, sources)| {
        let reserved = blocks.get(function)?.body["reserved_concurrent_executions"].as_u64()?;
        let most: u64 = sources.iter().map(|(_, most)| most).sum();
        let (largest, _) = sources.iter().max_by_key(|(_, most)| *most)?;
        let what = match sources.len() {
            1 => "the event source".to_owned(),
            number => format!("its {number} event sources"),
        };
        (most > reserved).then(|| {
            Violation::new(
                "limit/event-source-concurrency",
                *largest,
                format!(
                    "{what} may invoke {function} {most} times at once, but its reserved concurrency is {reserved}: \
                     Lambda throttles the rest, and SQS counts each throttled receive towards the dead-letter queue"
                ),
                format!("lower the maximum concurrency to {reserved} in all, or reserve {most}"),
            )
        })
    });
    over.collect()
}

/// Finds functions that may still run when their schedule calls them again. A cron expression has no fixed interval, so
/// it is not judged.
pub(super) fn schedule_interval(_: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    for schedule in blocks.each("aws_scheduler_schedule") {
        let expression = schedule.body["schedule_expression"].as_str().unwrap_or_default();
        let Some(interval) = seconds(expression) else { continue };
        for function in functions(blocks, schedule, &schedule.body["target"]) {
            let Some(timeout) = function.body["timeout"].as_u64() else { continue };
            if timeout > interval {
                found.push(Violation::new(
                    "limit/schedule-interval",
                    schedule.address,
                    format!(
                        "it calls {} every {interval} s, but a call may take {timeout} s, so two calls could run at \
                         the same time",
                        function.address
                    ),
                    format!(
                        "lower the timeout of the function to {interval} s, or call it every {} minutes",
                        timeout.div_ceil(60)
                    ),
                ));
            }
        }
    }
    found
}

/// The interval of `rate(5 minutes)`, in seconds.
fn seconds(expression: &str) -> Option<u64> {
    let rate = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = rate.split_once(' ')?;
    let unit = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read() {
        let check = |expression: &str, expected: Option<u64>| {
            assert_eq!(seconds(expression), expected, "{expression}");
        };
        check("rate(1 minute)", Some(60));
        check("rate(5 minutes)", Some(300));
        check("rate(1 hour)", Some(3_600));
        check("rate(2 days)", Some(172_800));
        check("rate(1 fortnight)", None);
        check("cron(0 3 * * ? *)", None);
    }
}
