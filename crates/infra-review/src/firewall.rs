//! Checks changes of a firewall: the requests that it lets through, and the callers that it blocks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    block::{Block, first, items, number},
    compare::Comparison,
    diff,
    finding::{
        Found, Rule,
        Rule::{AlarmLoosened, Exposed, FlowChanged, Stopped},
        Severity,
    },
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_wafv2_web_acl") {
        acl(before, after, &mut |severity, rule, problem| {
            found.push(Found::new(severity, rule, &after.address, problem));
        });
    }
}

fn acl(before: &Block, after: &Block, tell: &mut impl FnMut(Severity, Rule, String)) {
    let (old, new) = (&before.body["default_action"], &after.body["default_action"]);
    match (does(old), does(new)) {
        ("block", is) if is != "block" => {
            let problem = "requests that match no rule are let through";
            tell(Severity::Danger, Exposed, problem.to_owned());
        }
        ("allow", is) if is != "allow" => {
            let problem =
                "requests that match no rule are stopped: all requests, if no rule allows any";
            tell(Severity::Danger, Stopped, problem.to_owned());
        }
        _ if old != new => {
            let problem = "requests that match no rule are handled or answered in another way";
            tell(Severity::Warning, FlowChanged, problem.to_owned());
        }
        _ => (),
    }
    let (old, new) = (rules(before), rules(after));
    for (name, rule) in &old {
        match new.get(name) {
            None if action(rule) == "allow" => {
                let problem =
                    format!("the rule {name} is gone: others can stop the callers that it allowed");
                tell(Severity::Warning, Stopped, problem);
            }
            None => tell(Severity::Danger, Exposed, format!("the rule {name} is gone")),
            Some(it) if it != rule => self::rule(name, rule, it, tell),
            Some(_) => (),
        }
    }
    for (name, rule) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
        match action(rule) {
            "allow" => {
                let problem = format!("the rule {name} allows requests that others would stop");
                tell(Severity::Danger, Exposed, problem);
            }
            "count" => (),
            _ => {
                let problem = format!("the rule {name} is new and stops callers who were let in");
                tell(Severity::Warning, Stopped, problem);
            }
        }
    }
    let is_seen = |it: &Block| {
        ["cloudwatch_metrics_enabled", "sampled_requests_enabled"]
            .iter()
            .filter(|name| it.truth(&["visibility_config", name]) == Some(true))
            .count()
    };
    if is_seen(after) < is_seen(before) {
        let problem = "it records fewer of the requests that it stops";
        tell(Severity::Warning, AlarmLoosened, problem.to_owned());
    }
    let metric = |it: &Block| it.at(&["visibility_config", "metric_name"]).clone();
    if metric(before) != metric(after) {
        tell(Severity::Notice, AlarmLoosened, RENAMED.to_owned());
    }
}

const RENAMED: &str =
    "its metrics get another name: alarms and dashboards on the old name get no data";

/// The rules by name. AWS requires unique names.
fn rules(acl: &Block) -> BTreeMap<&str, &Value> {
    let rules = items(&acl.body["rule"]).iter();
    rules.filter_map(|it| Some((it["name"].as_str()?, it))).collect()
}

/// `block` of `{ "block": {} }`.
fn does(action: &Value) -> &str {
    let action = first(action).as_object();
    action.and_then(|it| it.keys().find(|it| *it != "//")).map_or("", String::as_str)
}

/// The action of a rule. A rule group counts as `block`, unless `override_action` overrides it.
fn action(rule: &Value) -> &str {
    match &rule["override_action"] {
        Value::Null => does(&rule["action"]),
        it if does(it) == "none" => "block",
        it => does(it),
    }
}

/// How strict an action is: 0 lets the request through.
fn weight(action: &str) -> u8 {
    match action {
        "block" => 3,
        "captcha" | "challenge" => 2,
        "count" => 1,
        _ => 0,
    }
}

fn rule(name: &str, before: &Value, after: &Value, tell: &mut impl FnMut(Severity, Rule, String)) {
    let (old, new) = (action(before), action(after));
    if weight(new) < weight(old) {
        let problem = format!("the rule {name} does no more than {new}, before {old}");
        tell(Severity::Danger, Exposed, problem);
    } else if weight(new) > weight(old) {
        let problem = format!("the rule {name} does {new}, before {old}: it stops more callers");
        tell(Severity::Warning, Stopped, problem);
    } else if before["action"] != after["action"]
        || before["override_action"] != after["override_action"]
    {
        let problem = format!("callers that the rule {name} stops get another answer");
        tell(Severity::Warning, FlowChanged, problem);
    }
    let mut lines = Vec::new();
    for field in diff::fields(before, after) {
        let path = field.argument();
        // The code above compares actions, and the code below compares metrics.
        let is_told = ["action", "override_action", "visibility_config"];
        let is_told =
            is_told.iter().any(|told| path == *told || path.starts_with(&format!("{told}.")));
        if is_told || field.is_for_people() {
            continue;
        }
        match stricter(&field, before, after) {
            Some(severity) => {
                tell(severity, Stopped, format!("the rule {name} stops more: {field}"));
            }
            None => lines.push(field.to_string()),
        }
    }
    if !lines.is_empty() {
        let problem =
            format!("the rule {name} stops other requests than before: {}", lines.join("; "));
        tell(Severity::Warning, Exposed, problem);
    }
    let seen = |it: &Value, name: &str| first(&it["visibility_config"])[name].clone();
    let is_less = |name: &str| seen(before, name) == true && seen(after, name) != true;
    if is_less("cloudwatch_metrics_enabled") || is_less("sampled_requests_enabled") {
        let problem = format!("fewer of the requests that the rule {name} stops are recorded");
        tell(Severity::Warning, AlarmLoosened, problem);
    }
    if seen(before, "metric_name") != seen(after, "metric_name") {
        tell(Severity::Notice, AlarmLoosened, format!("the rule {name}: {RENAMED}"));
    }
}

/// The severity of a changed number that makes a rule stop more requests. `None` if it does not. A limit that falls to
/// no less than half is only a notice, because it does not affect a caller who uses half of the old limit.
fn stricter(field: &diff::Field, before: &Value, after: &Value) -> Option<Severity> {
    let value = |it: &Option<Value>| it.as_ref().and_then(number);
    let (old, new) = value(&field.before).zip(value(&field.after))?;
    let (statement, name) = field.path.rsplit_once('.')?;
    let falls = new < old;
    let mut matches_more = match name {
        "limit" => falls,
        "size" => {
            let operator = |rule| at(rule, statement)["comparison_operator"].as_str();
            let operator = operator(after).filter(|it| operator(before) == Some(it))?;
            match operator {
                "GE" | "GT" => falls,
                "LE" | "LT" => !falls,
                // With another operator, a new size matches other requests, and not more or fewer.
                _ => return None,
            }
        }
        _ => return None,
    };
    // A `not_statement` matches the requests that its inner statement does not match.
    for _ in statement.split('.').filter(|it| it.starts_with("not_statement")) {
        matches_more = !matches_more;
    }
    let stops_more = match action(after) {
        "allow" => !matches_more,
        "block" | "captcha" | "challenge" => matches_more,
        _ => false,
    };
    match stops_more {
        false => None,
        true if name == "limit" && falls && new > old / 2.0 => Some(Severity::Notice),
        true => Some(Severity::Warning),
    }
}

/// The value in a rule at the path of a field: `statement.or_statement.statement[1]`.
fn at<'r>(rule: &'r Value, path: &str) -> &'r Value {
    path.split('.').fold(rule, |value, part| match part.split_once('[') {
        Some((name, place)) => {
            let place: Option<usize> = place.trim_end_matches(']').parse().ok();
            place.and_then(|it| value[name].get(it)).unwrap_or(&Value::Null)
        }
        None => first(&value[part]),
    })
}
