//! What a firewall lets through.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    block::{Block, first, items, number},
    compare::Comparison,
    diff,
    finding::{Found, Rule, Severity},
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    for (before, after) in compare.changed("aws_wafv2_web_acl") {
        let mut tell = |severity, problem: String| {
            found.push(Found::new(severity, Rule::Exposed, &after.address, problem));
        };
        if does(&before.body["default_action"]) == "block"
            && does(&after.body["default_action"]) != "block"
        {
            tell(Severity::Danger, "what no rule names is let through".to_owned());
        }
        let (old, new) = (rules(before), rules(after));
        for (name, rule) in &old {
            match new.get(name) {
                None => tell(Severity::Danger, format!("the rule {name} is gone")),
                Some(it) if it != rule => self::rule(name, rule, it, &mut tell),
                Some(_) => (),
            }
        }
        for (name, rule) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
            if action(rule) == "allow" {
                let problem = format!("the rule {name} lets through what others would stop");
                tell(Severity::Danger, problem);
            }
        }
        let is_seen = |it: &Block| {
            ["cloudwatch_metrics_enabled", "sampled_requests_enabled"]
                .iter()
                .filter(|name| it.truth(&["visibility_config", name]) == Some(true))
                .count()
        };
        if is_seen(after) < is_seen(before) {
            let problem = "it records less of what it stops";
            found.push(Found::new(Severity::Warning, Rule::AlarmLoosened, &after.address, problem));
        }
    }
}

/// Rules by their names. AWS takes no name twice.
fn rules(acl: &Block) -> BTreeMap<&str, &Value> {
    let rules = items(&acl.body["rule"]).iter();
    rules.filter_map(|it| Some((it["name"].as_str()?, it))).collect()
}

/// `block` of `{ "block": {} }`.
fn does(action: &Value) -> &str {
    let action = first(action).as_object();
    action.and_then(|it| it.keys().find(|it| *it != "//")).map_or("", String::as_str)
}

/// What a rule does with what it finds; a group of rules does what it says, unless it is overridden.
fn action(rule: &Value) -> &str {
    match &rule["override_action"] {
        Value::Null => does(&rule["action"]),
        it if does(it) == "none" => "block",
        it => does(it),
    }
}

/// How hard an action is on a request.
fn weight(action: &str) -> u8 {
    match action {
        "block" => 3,
        "captcha" | "challenge" => 2,
        "count" => 1,
        _ => 0,
    }
}

fn rule(name: &str, before: &Value, after: &Value, tell: &mut impl FnMut(Severity, String)) {
    let (old, new) = (action(before), action(after));
    if weight(new) < weight(old) {
        let problem = format!("the rule {name} does no more than {new}, before {old}");
        tell(Severity::Danger, problem);
    }
    let fields = diff::fields(before, after);
    let fields = fields.iter().filter(|it| {
        let path = it.argument();
        // A stricter limit is no risk here. Actions were compared above, and metrics are below.
        let is_told = ["action", "override_action", "visibility_config"];
        !is_told.iter().any(|told| path == *told || path.starts_with(&format!("{told}.")))
            && !is_stricter(it)
            && !it.is_for_people()
    });
    let lines: Vec<_> = fields.map(ToString::to_string).collect();
    if !lines.is_empty() {
        let problem =
            format!("the rule {name} stops other requests than before: {}", lines.join("; "));
        tell(Severity::Warning, problem);
    }
    let counted =
        |it: &Value| first(&it["visibility_config"])["cloudwatch_metrics_enabled"] == true;
    let sampled = |it: &Value| first(&it["visibility_config"])["sampled_requests_enabled"] == true;
    if counted(before) && !counted(after) || sampled(before) && !sampled(after) {
        tell(Severity::Warning, format!("what the rule {name} stops is recorded less"));
    }
}

/// A limit that goes down.
fn is_stricter(field: &diff::Field) -> bool {
    let value = |it: &Option<Value>| it.as_ref().and_then(number);
    let is_limit = ["limit", "size"].iter().any(|it| field.path.ends_with(&format!(".{it}")));
    is_limit && value(&field.before).zip(value(&field.after)).is_some_and(|(old, new)| new < old)
}
