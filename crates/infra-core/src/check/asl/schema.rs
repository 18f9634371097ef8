//! Checks the fields of a definition with the JSON Schema `schemas/asl-jsonata.json`.

use serde_json::Value;

use super::scope::Report;
use crate::check::json_schema::{Finding, Schema, Step, display};

pub(super) static SCHEMA: Schema = Schema::new(include_str!("../../../schemas/asl-jsonata.json"));

pub(super) fn check(document: &Value, report: &mut Report<'_>) {
    for finding in SCHEMA.findings(document) {
        let (place, field) = split(&finding.path);
        let rule = rule(document, &finding);
        let subject = match (field.is_empty(), place.is_empty()) {
            (false, _) => format!("`{field}`"),
            (true, false) => "the state".to_owned(),
            (true, true) => "the machine".to_owned(),
        };
        let fix = fix(rule, &finding);
        report.at(&place, rule, format!("{subject} {}", finding.problem), fix);
    }
}

/// The rule that a finding breaks. Some limits in the schema have a rule of their own.
fn rule(document: &Value, finding: &Finding) -> &'static str {
    match finding.path.as_slice() {
        [.., Step::Field(retry), Step::Item(_), Step::Field(field)]
            if retry == "Retry" && LIMITS.contains(&field.as_str()) =>
        {
            "asl/retry-limits"
        }
        [state @ .., Step::Field(field)]
            if matches!(field.as_str(), "Next" | "End")
                && finding.keyword == "additionalProperties"
                && matches!(kind(document, state), Some("Succeed" | "Fail")) =>
        {
            "asl/fail-after"
        }
        _ => "asl/schema",
    }
}

const LIMITS: [&str; 5] =
    ["MaxAttempts", "IntervalSeconds", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"];

fn fix(rule: &str, finding: &Finding) -> String {
    match finding.path.last() {
        Some(_) if rule == "asl/fail-after" => {
            "remove it: a Succeed or a Fail ends the execution".to_owned()
        }
        Some(Step::Field(field)) if finding.keyword == "additionalProperties" => {
            match field.as_str() {
                "InputPath" | "Parameters" | "Result" => {
                    "use `Arguments`, or `Output`: this field belongs to JSONPath".to_owned()
                }
                "ResultSelector" | "ResultPath" | "OutputPath" => {
                    "use `Output`: this field belongs to JSONPath".to_owned()
                }
                "ItemsPath" => "use `Items`: this field belongs to JSONPath".to_owned(),
                "Iterator" => "use `ItemProcessor`".to_owned(),
                _ if field.ends_with("Path") => {
                    "use the field without `Path`, with a JSONata string".to_owned()
                }
                _ => finding.fix.clone(),
            }
        }
        _ => finding.fix.clone(),
    }
}

/// Splits a path into the state that it leads to, and the field in that state.
fn split(path: &[Step]) -> (String, String) {
    let (mut place, mut rest): (Vec<&str>, _) = (Vec::new(), path);
    loop {
        rest = match rest {
            [Step::Field(states), Step::Field(name), rest @ ..] if states == "States" => {
                place.push(name);
                rest
            }
            [Step::Field(field), Step::Item(_), rest @ ..]
                if field == "Branches" && leads_on(rest) =>
            {
                rest
            }
            [Step::Field(field), rest @ ..] if field == "ItemProcessor" && leads_on(rest) => rest,
            _ => return (place.join(" > "), display(rest)),
        };
    }
}

/// Whether a path continues into a state. The fields of a branch itself belong to the state around it.
fn leads_on(rest: &[Step]) -> bool {
    matches!(rest, [Step::Field(states), Step::Field(_), ..] if states == "States")
}

/// The `Type` of the state at `path`.
fn kind<'a>(document: &'a Value, path: &[Step]) -> Option<&'a str> {
    let state = path.iter().try_fold(document, |value, step| match step {
        Step::Field(name) => value.get(name),
        Step::Item(at) => value.get(at),
    });
    state?.get("Type")?.as_str()
}
