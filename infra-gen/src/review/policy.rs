//! Policies as sets of rights. An order, a grouping or a `Sid` that changes is no change.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use super::block::{Block, items, texts};

/// One principal, one action, one resource, under conditions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Right {
    pub(super) denies: bool,
    /// `Service lambda.amazonaws.com`; empty where the policy belongs to a role.
    pub(super) principal: String,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) conditions: Conditions,
}

/// Values by test and variable.
pub(super) type Conditions = BTreeMap<(String, String), BTreeSet<String>>;

/// What is meant by everything but these.
const NOT: &str = "everything but ";

/// The rights that a `data.aws_iam_policy_document` states.
pub(super) fn of_document(block: &Block) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for statement in items(&block.body["statement"]) {
        let mut conditions = Conditions::new();
        for it in items(&statement["condition"]) {
            let part = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
            let values = texts(&it["values"]).into_iter().map(str::to_owned);
            conditions.entry((part("test"), part("variable"))).or_default().extend(values);
        }
        let mut principals = Vec::new();
        for (list, not) in [("principals", ""), ("not_principals", NOT)] {
            for it in items(&statement[list]) {
                let kind = it["type"].as_str().unwrap_or_default();
                let each = texts(&it["identifiers"]).into_iter();
                principals.extend(each.map(|who| format!("{not}{}", principal(kind, who))));
            }
        }
        rights.extend(product(
            statement["effect"] == "Deny",
            principals,
            either(&statement["actions"], &statement["not_actions"]),
            either(&statement["resources"], &statement["not_resources"]),
            &conditions,
        ));
    }
    rights
}

/// The rights that a policy in JSON states.
pub(super) fn of_json(policy: &Value) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for statement in items(&policy["Statement"]) {
        let mut conditions = Conditions::new();
        for (test, variables) in statement["Condition"].as_object().into_iter().flatten() {
            for (variable, values) in variables.as_object().into_iter().flatten() {
                let values = texts(values).into_iter().map(str::to_owned).collect();
                conditions.insert((test.clone(), variable.clone()), values);
            }
        }
        let mut principals = Vec::new();
        for (name, not) in [("Principal", ""), ("NotPrincipal", NOT)] {
            match &statement[name] {
                Value::String(who) => principals.push(format!("{not}{}", principal("", who))),
                Value::Object(kinds) => {
                    for (kind, who) in kinds {
                        let each = texts(who).into_iter();
                        principals.extend(each.map(|who| format!("{not}{}", principal(kind, who))));
                    }
                }
                _ => (),
            }
        }
        rights.extend(product(
            statement["Effect"] == "Deny",
            principals,
            either(&statement["TerraformAction"], &statement["NotAction"]),
            either(&statement["Resource"], &statement["NotResource"]),
            &conditions,
        ));
    }
    rights
}

/// Everybody is everybody, however it is written.
fn principal(kind: &str, who: &str) -> String {
    match (kind, who) {
        ("" | "*" | "AWS", "*") => "everybody".to_owned(),
        _ => format!("{kind} {who}"),
    }
}

fn either(these: &Value, but_these: &Value) -> Vec<String> {
    let mut all: Vec<String> = texts(these).into_iter().map(str::to_owned).collect();
    let but = texts(but_these);
    if !but.is_empty() {
        all.push(format!("{NOT}{}", but.join(", ")));
    }
    all
}

fn product(
    denies: bool,
    mut principals: Vec<String>,
    actions: Vec<String>,
    mut resources: Vec<String>,
    conditions: &Conditions,
) -> Vec<Right> {
    // A role's policy has no principals, and a trust policy no resources.
    for list in [&mut principals, &mut resources] {
        if list.is_empty() {
            list.push(String::new());
        }
    }
    let mut rights = Vec::new();
    for principal in &principals {
        for action in &actions {
            for resource in &resources {
                rights.push(Right {
                    denies,
                    principal: principal.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                    conditions: conditions.clone(),
                });
            }
        }
    }
    rights
}

impl Right {
    /// Whether whatever the other right says is said by this one, too.
    pub(super) fn covers(&self, other: &Right) -> bool {
        self.denies == other.denies
            && (self.principal == other.principal || self.principal == "everybody")
            && self.covers_action(other)
            && covers(&self.resource, &other.resource)
            && self.covers_conditions(other)
    }

    /// IAM does not look at the case of actions.
    pub(super) fn covers_action(&self, other: &Right) -> bool {
        covers(&self.action.to_ascii_lowercase(), &other.action.to_ascii_lowercase())
    }

    /// More conditions, or fewer values, allow less.
    fn covers_conditions(&self, other: &Right) -> bool {
        self.conditions.iter().all(|(key, values)| {
            other.conditions.get(key).is_some_and(|it| {
                // A negative test is the stricter the more values it has.
                if key.0.contains("Not") { values.is_subset(it) } else { it.is_subset(values) }
            })
        })
    }
}

/// Whether a pattern with `*` and `?` takes a text, which may be a pattern itself.
fn covers(pattern: &str, text: &str) -> bool {
    if pattern == text {
        return true;
    }
    if pattern.starts_with(NOT) || text.starts_with(NOT) || !pattern.contains(['*', '?']) {
        return false;
    }
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut in_text) = (0, 0);
    // Where the last star stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some('?') if text[in_text] != '*' => {
                at += 1;
                in_text += 1;
            }
            Some(letter) if *letter == text[in_text] => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    at = place + 1;
                    in_text = taken + 1;
                    star = Some((place, in_text));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|it| *it == '*')
}

/// Rights that came and went, a line each.
pub(super) fn lines(before: &BTreeSet<Right>, after: &BTreeSet<Right>) -> Vec<String> {
    let gone = before.difference(after).map(|it| format!("− {it}"));
    gone.chain(after.difference(before).map(|it| format!("+ {it}"))).collect()
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.principal.is_empty() {
            write!(f, "{} ", self.principal)?;
        }
        write!(f, "{} {}", if self.denies { "must not" } else { "may" }, self.action)?;
        if !self.resource.is_empty() {
            write!(f, " on {}", bare(&self.resource))?;
        }
        for (at, ((test, variable), values)) in self.conditions.iter().enumerate() {
            let values: Vec<_> = values.iter().map(|it| bare(it)).collect();
            let word = if at == 0 { "where" } else { "and" };
            write!(f, " {word} {variable} {test} {}", values.join(" or "))?;
        }
        Ok(())
    }
}

/// A text without the marks of its references.
pub(super) fn bare(text: &str) -> String {
    match text.contains("${") {
        true => text.replace("${", "").replace('}', ""),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_cover_what_they_match() {
        fn check(pattern: &str, text: &str, expected: bool) {
            assert_eq!(covers(pattern, text), expected, "{pattern} {text}");
        }
        check("*", "anything:*", true);
        check("sqs:*", "sqs:SendMessage", true);
        check("sqs:Send*", "sqs:*", false);
        check("sqs:*Message", "sqs:SendMessage", true);
        check("sqs:*Message", "sqs:SendMessages", false);
        check("a?c", "abc", true);
        check("a?c", "a*c", false);
        check("sqs:SendMessage", "sqs:*", false);
        check("everything but a", "b", false);
        check("a*b*c", "a1b2b3c", true);
        check("", "", true);
    }

    #[test]
    fn an_order_is_no_change_and_a_condition_less_is_one() {
        let one = of_json(&json!({ "Statement": [
            { "Effect": "Allow", "TerraformAction": ["a:X", "a:Y"], "Resource": ["r", "s"], "Sid": "One" },
        ] }));
        let two = of_json(&json!({ "Statement": [
            { "Effect": "Allow", "TerraformAction": "a:Y", "Resource": ["s", "r"] },
            { "Effect": "Allow", "TerraformAction": "a:X", "Resource": ["s", "r"] },
        ] }));
        assert_eq!(one, two);
        let with = |values: Value| {
            of_json(&json!({ "Statement": {
                "Effect": "Allow", "TerraformAction": "a:X", "Resource": "r", "Principal": "*",
                "Condition": values,
            } }))
        };
        let covers = |old: Value, new: Value| {
            with(new).iter().all(|new| with(old.clone()).iter().any(|old| old.covers(new)))
        };
        let strict = json!({ "StringEquals": { "k": ["1"] } });
        let loose = json!({ "StringEquals": { "k": ["1", "2"] } });
        assert!(covers(json!({}), strict.clone()));
        assert!(!covers(strict.clone(), json!({})));
        assert!(covers(loose.clone(), strict.clone()));
        assert!(!covers(strict, loose));
        let barred = |values: Value| json!({ "StringNotEquals": { "k": values } });
        assert!(covers(barred(json!(["1"])), barred(json!(["1", "2"]))));
        assert!(!covers(barred(json!(["1", "2"])), barred(json!(["1"]))));
    }

    #[test]
    fn both_ways_to_write_a_policy_mean_the_same() {
        let document = Block {
            address: String::new(),
            tf_type: String::new(),
            body: json!({ "statement": [{
                "effect": "Deny", "actions": ["sqs:*"], "resources": ["r"],
                "principals": [{ "type": "*", "identifiers": ["*"] }],
                "condition": [{ "test": "Bool", "variable": "aws:SecureTransport", "values": ["false"] }],
            }] }),
            document: None,
        };
        let json = of_json(&json!({ "Statement": [{
            "Effect": "Deny", "TerraformAction": "sqs:*", "Resource": "r", "Principal": { "AWS": "*" },
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }] }));
        assert_eq!(of_document(&document), json);
        let told = json.first().unwrap().to_string();
        assert_eq!(told, "everybody must not sqs:* on r where aws:SecureTransport Bool false");
    }
}
