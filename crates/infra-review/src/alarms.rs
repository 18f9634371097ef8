//! Weaker monitoring: of alarms, logs and traces; and weaker handling of messages that fail.

use serde_json::Value;

use super::{
    block::{Block, plain, target},
    compare::Comparison,
    finding::{Found, Rule, Severity},
    policy::bare,
    root::Root,
    takers::{is_shared, runs},
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    removed(compare, found);
    for (before, after) in compare.changed("aws_cloudwatch_metric_alarm") {
        alarm(compare, before, after, &mut |severity, problem| {
            found.push(Found::new(severity, Rule::AlarmLoosened, &after.address, problem));
        });
    }
    for (before, after) in compare.kept() {
        seen(before, after, &mut |severity, problem: &str| {
            found.push(Found::new(severity, Rule::AlarmLoosened, &after.address, problem));
        });
        dead_letters(compare, before, after, &mut |severity, problem| {
            found.push(Found::new(severity, Rule::DlqLoosened, &after.address, problem));
        });
    }
}

const UNTAKEN: &str = "nothing takes its messages any more: they wait until they expire";

fn removed(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for block in compare.removed() {
        // If the watched resource is removed too, nothing is missed.
        let of_gone = |path: &[&str]| block.refers(path).is_some_and(|it| compare.is_gone(it));
        let (rule, problem) = match block.tf_type.as_str() {
            "aws_cloudwatch_metric_alarm" if !watches_gone(compare, block) => {
                (Rule::AlarmLoosened, "no address is notified any more")
            }
            "aws_lambda_event_source_mapping"
                if runs(block)
                    && !of_gone(&["event_source_arn"])
                    && !is_shared(compare.after, block, compare.before) =>
            {
                (Rule::DlqLoosened, UNTAKEN)
            }
            "aws_sns_topic_subscription" if !of_gone(&["topic_arn"]) => {
                (Rule::AlarmLoosened, "this address is notified of no alarm any more")
            }
            "aws_sqs_queue_redrive_policy" if !of_gone(&["queue_url"]) => (
                Rule::DlqLoosened,
                "no dead letters any more: a message that always fails is tried until it expires, and is lost",
            ),
            _ => continue,
        };
        found.push(Found::new(Severity::Danger, rule, &block.address, problem));
    }
}

/// The values that an alarm watches: every text of its dimensions, those of metric queries too.
fn watched(block: &Block) -> Vec<&str> {
    fn texts<'v>(value: &'v Value, all: &mut Vec<&'v str>) {
        match value {
            Value::String(it) => all.push(it),
            Value::Array(items) => items.iter().for_each(|it| texts(it, all)),
            Value::Object(fields) => fields.values().for_each(|it| texts(it, all)),
            _ => (),
        }
    }
    let mut all = Vec::new();
    texts(&block.body["dimensions"], &mut all);
    texts(&block.body["metric_query"], &mut all);
    all
}

fn watches_gone(compare: &Comparison<'_>, block: &Block) -> bool {
    watched(block).into_iter().filter_map(target).any(|it| compare.is_gone(it))
}

fn alarm(
    compare: &Comparison<'_>,
    before: &Block,
    after: &Block,
    tell: &mut impl FnMut(Severity, String),
) {
    actions(compare, before, after, tell);
    let text = |block: &Block, name: &str| block.text(&[name]).unwrap_or_default().to_owned();
    if before.truth(&["actions_enabled"]) != Some(false)
        && after.truth(&["actions_enabled"]) == Some(false)
    {
        tell(Severity::Danger, "its actions are switched off".to_owned());
    }
    let missing =
        |block: &Block| block.text(&["treat_missing_data"]).unwrap_or("missing").to_owned();
    // How strictly missing data is treated.
    let weight = |it: &str| match it {
        "breaching" => 2,
        "missing" => 1,
        _ => 0,
    };
    let (old, new) = (missing(before), missing(after));
    if weight(&new) < weight(&old) {
        tell(Severity::Warning, format!("missing data is treated as {new}, before as {old}"));
    }
    let metric = |block: &Block| [text(block, "namespace"), text(block, "metric_name")].join(" ");
    if metric(before) != metric(after) {
        tell(Severity::Warning, format!("it watches {}, before {}", metric(after), metric(before)));
        return;
    }
    let gone = watches_gone(compare, before);
    if before.body["dimensions"] != after.body["dimensions"] && !gone {
        let of = |it: &Block| watched(it).into_iter().map(bare).collect::<Vec<_>>().join(", ");
        tell(Severity::Warning, format!("it watches {}, before {}", of(after), of(before)));
    }
    if before.body["metric_query"] != after.body["metric_query"] && !gone {
        tell(Severity::Warning, "it computes another value from its metrics".to_owned());
    }
    let statistic = |it: &Block| text(it, "statistic") + &text(it, "extended_statistic");
    if statistic(before) != statistic(after) {
        let (old, new) = (statistic(before), statistic(after));
        tell(Severity::Warning, format!("it looks at {new}, before at {old}"));
    }
    let operator = text(before, "comparison_operator");
    if operator != text(after, "comparison_operator") {
        let new = text(after, "comparison_operator");
        tell(Severity::Warning, format!("it compares by {new}, before by {operator}"));
        return;
    }
    threshold(compare, before, after, operator.starts_with("Less"), tell);
    patience(before, after, tell);
    sums(before, after, tell);
}

fn actions(
    compare: &Comparison<'_>,
    before: &Block,
    after: &Block,
    tell: &mut impl FnMut(Severity, String),
) {
    let (old, new) = (before.texts(&["alarm_actions"]), after.texts(&["alarm_actions"]));
    let gone: Vec<_> = old
        .iter()
        .filter(|it| !new.contains(it) && !target(it).is_some_and(|it| compare.is_gone(it)))
        .map(|it| bare(it))
        .collect();
    if new.is_empty() && !old.is_empty() {
        tell(Severity::Danger, "it notifies no topic".to_owned());
    } else if !gone.is_empty() {
        let new: Vec<_> = new.into_iter().map(bare).collect();
        let (new, gone) = (new.join(", "), gone.join(", "));
        tell(Severity::Danger, format!("it notifies {new}, and no longer {gone}"));
    }
    let (old, new) = (before.texts(&["ok_actions"]), after.texts(&["ok_actions"]));
    if new.is_empty() && !old.is_empty() {
        tell(Severity::Notice, "no topic is notified when it is over".to_owned());
    }
}

fn threshold(
    compare: &Comparison<'_>,
    before: &Block,
    after: &Block,
    below: bool,
    tell: &mut impl FnMut(Severity, String),
) {
    let number = |it: &Block| it.number(&["threshold"]);
    let (old, new) = match (number(before), number(after)) {
        (Some(old), Some(new)) => (old, new),
        (old, new) if old == new && before.body["threshold"] == after.body["threshold"] => return,
        _ => {
            tell(
                Severity::Warning,
                "its threshold is not a number before or after the change".to_owned(),
            );
            return;
        }
    };
    let looser = if below { new < old } else { new > old };
    // A threshold that stays the same share of the function's timeout is as strict as before.
    let share = |block: &Block, root: &Root, limit: f64| {
        let function = target(block.text(&["dimensions", "FunctionName"])?)?;
        let timeout = root.blocks.get(function)?.number(&["timeout"]).unwrap_or(3.0);
        (block.text(&["metric_name"]) == Some("Duration")).then_some(limit / timeout)
    };
    let shares = share(before, compare.before, old).zip(share(after, compare.after, new));
    if looser && shares.is_none_or(|(old, new)| new > old + 1e-9) {
        let (old, new) = (plain(old), plain(new));
        let word = if below { "below" } else { "above" };
        tell(Severity::Warning, format!("it fires {word} {new}, before {word} {old}"));
    }
}

/// Compares how long a problem must last before the alarm fires.
fn patience(before: &Block, after: &Block, tell: &mut impl FnMut(Severity, String)) {
    let time = |it: &Block| {
        let periods = it.number(&["evaluation_periods"]).unwrap_or(1.0);
        let points = it.number(&["datapoints_to_alarm"]).unwrap_or(periods);
        let period = it.number(&["period"]).unwrap_or(60.0);
        (points, periods, period)
    };
    let (old, new) = (time(before), time(after));
    let seconds = |(points, _, period): (f64, f64, f64)| points * period;
    // The same number of points within fewer periods is reached less often.
    let denser = new.0 / new.1 > old.0 / old.1 && new.0 >= old.0;
    if seconds(new) > seconds(old) || denser {
        let told = |(points, periods, period): (f64, f64, f64)| {
            format!("{} of {} periods of {} s", plain(points), plain(periods), plain(period))
        };
        tell(
            Severity::Warning,
            format!("it fires after {}, before after {}", told(new), told(old)),
        );
    }
}

/// Compares sums. In a shorter period, a sum reaches the same threshold later, or never.
fn sums(before: &Block, after: &Block, tell: &mut impl FnMut(Severity, String)) {
    let is_sum = |it: &Block| matches!(it.text(&["statistic"]), Some("Sum" | "SampleCount"));
    let is_above = after.text(&["comparison_operator"]).is_some_and(|it| it.starts_with("Greater"));
    let of = |it: &Block| it.number(&["threshold"]).zip(it.number(&["period"]));
    let Some(((old, old_period), (new, new_period))) = of(before).zip(of(after)) else { return };
    let (is_shorter, rate) = (new_period < old_period, |count: f64, period: f64| count / period);
    if is_sum(after) && is_above && is_shorter && rate(new, new_period) > rate(old, old_period) {
        let told = |count: f64, period: f64| format!("{} in {} s", plain(count), plain(period));
        let (old, new) = (told(old, old_period), told(new, new_period));
        tell(Severity::Warning, format!("it fires above {new}, before above {old}"));
    }
}

/// Logs and traces.
fn seen(before: &Block, after: &Block, tell: &mut impl FnMut(Severity, &str)) {
    let depth = |it: &Block| match it.text(&["logging_configuration", "level"]) {
        Some("ALL") => 3,
        Some("ERROR") => 2,
        Some("FATAL") => 1,
        _ => 0,
    };
    if depth(after) < depth(before) {
        tell(Severity::Warning, "its log records less");
    }
    let access = |it: &Block| it.at(&["access_log_settings"]).is_object();
    if access(before) && !access(after) {
        tell(Severity::Warning, "it writes no access log any more");
    }
    let traced = |it: &Block| {
        it.truth(&["tracing_configuration", "enabled"]) == Some(true)
            || it.truth(&["xray_tracing_enabled"]) == Some(true)
            || it.text(&["tracing_config", "mode"]) == Some("Active")
    };
    if traced(before) && !traced(after) {
        tell(Severity::Warning, "it is not traced any more");
    }
    let measured = |it: &Block| it.truth(&["settings", "metrics_enabled"]) == Some(true);
    if measured(before) && !measured(after) {
        tell(
            Severity::Warning,
            "it has no metrics of its own any more: alarms on them get no data",
        );
    }
}

/// Messages that fail.
fn dead_letters(
    compare: &Comparison<'_>,
    before: &Block,
    after: &Block,
    tell: &mut impl FnMut(Severity, String),
) {
    let is_taken = || is_shared(compare.after, after, compare.after);
    if runs(before) && !runs(after) && !is_taken() {
        tell(Severity::Danger, UNTAKEN.to_owned());
    }
    const PARTIAL: &str = "ReportBatchItemFailures";
    let partial = |it: &Block| it.texts(&["function_response_types"]).contains(&PARTIAL);
    if partial(before) && !partial(after) {
        let problem = "one message that fails returns its whole batch to the queue, and in the end \
                       to the dead letters";
        tell(Severity::Danger, problem.to_owned());
    }
    let policies = before.json("redrive_policy").zip(after.json("redrive_policy"));
    for name in ["redrive_policy", "redrive_allow_policy"] {
        let is_read = before.json(name).is_some() && after.json(name).is_some();
        if before.body[name] != after.body[name] && !is_read {
            let problem = format!("`{name}` is not JSON that can be compared");
            tell(Severity::Warning, problem);
        }
    }
    if let Some((old, new)) = policies {
        let to = |it: &Value| it["deadLetterTargetArn"].as_str().map(bare);
        let is_set = |it: &Value| to(it).is_some() && !it["maxReceiveCount"].is_null();
        if is_set(&old) && !is_set(&new) {
            let problem = "it no longer says where dead letters go, or after how many attempts: AWS refuses it, or \
                           a message that always fails is tried until it expires, and is lost";
            tell(Severity::Danger, problem.to_owned());
        }
        if let (Some(old), Some(new)) = (to(&old), to(&new))
            && old != new
        {
            let problem = format!("dead letters go to {new}, before to {old}");
            tell(Severity::Warning, problem);
        }
        let count = |it: &Value| super::block::number(&it["maxReceiveCount"]);
        if let Some((old, new)) = count(&old).zip(count(&new)).filter(|(old, new)| old != new) {
            let severity = if new < old { Severity::Warning } else { Severity::Notice };
            let (old, new) = (plain(old), plain(new));
            tell(severity, format!("a message is tried {new} times, before {old}"));
        }
    }
    let allowed = before.json("redrive_allow_policy").zip(after.json("redrive_allow_policy"));
    if let Some((old, new)) = &allowed {
        let is = |it: &Value| it["redrivePermission"].as_str().unwrap_or("allowAll").to_owned();
        let sources = |it: &Value| super::block::scalars(&it["sourceQueueArns"]);
        if is(old) != "allowAll" && is(new) == "allowAll" {
            let problem = "it takes the dead letters of every queue in the account";
            tell(Severity::Warning, problem.to_owned());
        } else if is(old) != is(new) {
            let problem = format!("it takes dead letters {}, before {}", is(new), is(old));
            tell(Severity::Warning, problem);
        }
        let is_gone = |it: &&String| target(it).is_some_and(|it| compare.is_gone(it));
        let is_new = |it: &&String| target(it).is_some_and(|it| compare.is_new(it));
        let (gone, more) = (sources(old), sources(new));
        for it in gone.iter().filter(|it| !more.contains(it) && !is_gone(it)) {
            tell(Severity::Notice, format!("it takes no dead letters of {}", bare(it)));
        }
        for it in more.iter().filter(|it| !gone.contains(it) && !is_new(it)) {
            tell(Severity::Notice, format!("it takes dead letters of {}, too", bare(it)));
        }
    }
    let retries = |it: &Block| it.number(&["target", "retry_policy", "maximum_retry_attempts"]);
    if let Some((old, new)) = retries(before).zip(retries(after)).filter(|(old, new)| new < old) {
        let (old, new) = (plain(old), plain(new));
        tell(
            Severity::Notice,
            format!("a call that fails is tried again {new} times, before {old}"),
        );
    }
}
