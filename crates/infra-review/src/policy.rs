//! Compares policies as sets of permissions. The order, the grouping and the `Sid` do not matter.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use super::{
    block::{Block, items, scalars, target, texts},
    json,
    root::Root,
};

/// A permission or a denial: one principal, one action and one resource, under conditions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Right {
    pub(super) denies: bool,
    /// `Service lambda.amazonaws.com`. Empty if the policy belongs to a role.
    pub(super) principal: String,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) conditions: Conditions,
}

/// Values by test and variable.
pub(super) type Conditions = BTreeMap<(String, String), BTreeSet<String>>;

/// The prefix of an exclusion: it covers everything except the values after it.
pub(super) const NOT: &str = "everything but ";

/// The prefix of an action that represents an unreadable policy.
const UNREAD: &str = "whatever this says: ";

/// The deepest nesting of documents that is followed, because documents can form a cycle.
const DEEPEST: usize = 8;

/// The permissions of the policy in an attribute, which is JSON or refers to a document.
pub(super) fn of_attribute(root: &Root, policy: &Value) -> BTreeSet<Right> {
    let Some(text) = policy.as_str() else {
        return if policy.is_null() { BTreeSet::new() } else { unread(policy) };
    };
    if let Ok(policy) = json::parse(text) {
        return of_json(&policy);
    }
    match document(root, text) {
        Some(block) => of_document(root, block),
        None => unread(policy),
    }
}

/// The document that a text refers to, if the text is nothing but the reference.
fn document<'r>(root: &'r Root, text: &str) -> Option<&'r Block> {
    let block = root.blocks.get(target(text)?)?;
    let whole = ["json", "minified_json"].map(|it| format!("${{{}.{it}}}", block.address));
    (block.tf_type == "aws_iam_policy_document" && whole.iter().any(|it| it == text))
        .then_some(block)
}

/// A permission that represents an unreadable policy, of which only a difference can be reported.
fn unread(what: &Value) -> BTreeSet<Right> {
    let text = match what {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    BTreeSet::from([Right {
        denies: false,
        principal: String::new(),
        action: format!("{UNREAD}{text}"),
        resource: String::new(),
        conditions: Conditions::new(),
    }])
}

/// The permissions of a `data.aws_iam_policy_document`, including those of its source documents.
pub(super) fn of_document(root: &Root, block: &Block) -> BTreeSet<Right> {
    of_documents(root, block, 0)
}

fn of_documents(root: &Root, block: &Block, depth: usize) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for (name, value) in block.body.as_object().into_iter().flatten() {
        match name.as_str() {
            "//" | "depends_on" | "policy_id" | "version" => (),
            "statement" => rights.extend(items(value).iter().flat_map(of_block)),
            // An override document replaces statements with the same `sid`. The review does not follow
            // this: it counts the permissions of both, and reports the override as unread.
            "source_policy_documents" | "override_policy_documents" => {
                if name == "override_policy_documents" {
                    rights.extend(unread(&format!("{name} {value}").into()));
                }
                for it in items(value) {
                    let other = it.as_str().and_then(|it| document(root, it));
                    rights.extend(match (other, it.as_str().map(json::parse)) {
                        (Some(other), _) if depth < DEEPEST => of_documents(root, other, depth + 1),
                        (_, Some(Ok(policy))) => of_json(&policy),
                        _ => unread(it),
                    });
                }
            }
            _ => rights.extend(unread(&format!("{name} {value}").into())),
        }
    }
    rights
}

/// The permissions of one `statement` block. A statement with an unknown argument is unreadable.
fn of_block(statement: &Value) -> BTreeSet<Right> {
    const KNOWN: &[&str] = &[
        "//",
        "actions",
        "condition",
        "effect",
        "not_actions",
        "not_principals",
        "not_resources",
        "principals",
        "resources",
        "sid",
    ];
    if !is_known(statement, KNOWN) {
        return unread(statement);
    }
    let mut conditions = Conditions::new();
    for it in items(&statement["condition"]) {
        let part = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
        conditions
            .entry((part("test"), part("variable")))
            .or_default()
            .extend(scalars(&it["values"]));
    }
    let mut principals = Vec::new();
    for (list, not) in [("principals", ""), ("not_principals", NOT)] {
        for it in items(&statement[list]) {
            let kind = it["type"].as_str().unwrap_or_default();
            let each = scalars(&it["identifiers"]).into_iter();
            principals.extend(each.map(|who| format!("{not}{}", principal(kind, &who))));
        }
    }
    // The default effect is `Allow`.
    let denies = match &statement["effect"] {
        Value::Null => false,
        it if it == "Allow" => false,
        it if it == "Deny" => true,
        _ => return unread(statement),
    };
    product(
        denies,
        principals,
        either(&statement["actions"], &statement["not_actions"]),
        either(&statement["resources"], &statement["not_resources"]),
        &conditions,
    )
}

/// The permissions of a policy in JSON.
pub(super) fn of_json(policy: &Value) -> BTreeSet<Right> {
    if !is_known(policy, &["Id", "Statement", "Version"]) || policy["Statement"].is_null() {
        return unread(policy);
    }
    items(&policy["Statement"]).iter().flat_map(of_statement).collect()
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
fn of_statement(statement: &Value) -> BTreeSet<Right> {
    const KNOWN: &[&str] = &[
        "Action",
        "Condition",
        "Effect",
        "NotAction",
        "NotPrincipal",
        "NotResource",
        "Principal",
        "Resource",
        "Sid",
    ];
    if !is_known(statement, KNOWN) {
        return unread(statement);
    }
    let denies = match statement["Effect"].as_str() {
        Some("Allow") => false,
        Some("Deny") => true,
        _ => return unread(statement),
    };
    let mut conditions = Conditions::new();
    for (test, variables) in statement["Condition"].as_object().into_iter().flatten() {
        for (variable, values) in variables.as_object().into_iter().flatten() {
            conditions
                .insert((test.clone(), variable.clone()), scalars(values).into_iter().collect());
        }
    }
    let mut principals = Vec::new();
    for (name, not) in [("Principal", ""), ("NotPrincipal", NOT)] {
        match &statement[name] {
            Value::Null => (),
            Value::String(who) => principals.push(format!("{not}{}", principal("", who))),
            Value::Object(kinds) => {
                for (kind, who) in kinds {
                    let each = texts(who).into_iter();
                    principals.extend(each.map(|who| format!("{not}{}", principal(kind, who))));
                }
            }
            _ => return unread(statement),
        }
    }
    product(
        denies,
        principals,
        either(&statement["Action"], &statement["NotAction"]),
        either(&statement["Resource"], &statement["NotResource"]),
        &conditions,
    )
}

/// Whether a value is an object with no other fields than these.
fn is_known(value: &Value, fields: &[&str]) -> bool {
    value.as_object().is_some_and(|it| it.keys().all(|name| fields.contains(&name.as_str())))
}

/// Writes a principal. All forms of the wildcard become the same text.
fn principal(kind: &str, who: &str) -> String {
    match (kind, who) {
        (_, "*") => "everybody".to_owned(),
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
    mut actions: Vec<String>,
    mut resources: Vec<String>,
    conditions: &Conditions,
) -> BTreeSet<Right> {
    // A role's policy has no principals, and a trust policy has no resources. AWS refuses a statement without an
    // action.
    for list in [&mut principals, &mut resources] {
        if list.is_empty() {
            list.push(String::new());
        }
    }
    if actions.is_empty() {
        actions.push(format!("{UNREAD}a statement without an action"));
    }
    let mut rights = BTreeSet::new();
    for principal in &principals {
        for action in &actions {
            for resource in &resources {
                rights.insert(Right {
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
    /// Whether it represents an unreadable policy.
    pub(super) fn is_unread(&self) -> bool {
        self.action.starts_with(UNREAD)
    }

    /// Whether this permission includes the other one.
    pub(super) fn covers(&self, other: &Right) -> bool {
        self.denies == other.denies
            && (self.principal == other.principal || self.principal == "everybody")
            && covers(&self.resource, &other.resource)
            && self.covers_action(other)
            && self.covers_conditions(other)
    }

    /// Compares actions without regard to case, as IAM does.
    pub(super) fn covers_action(&self, other: &Right) -> bool {
        self.action.eq_ignore_ascii_case(&other.action)
            || is_pattern(&self.action)
                && covers(&self.action.to_ascii_lowercase(), &other.action.to_ascii_lowercase())
    }

    /// Compares conditions: more conditions, or fewer values, allow less.
    fn covers_conditions(&self, other: &Right) -> bool {
        self.conditions.iter().all(|(key, values)| {
            other.conditions.get(key).is_some_and(|it| {
                // A negative test is stricter with more values.
                if key.0.contains("Not") {
                    return values.is_subset(it);
                }
                // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
                let matches = match () {
                    () if key.0.contains("Arn") => covers_arn,
                    () if key.0.contains("Like") => covers,
                    () => |one: &str, other: &str| one == other,
                };
                let takes = |value: &String| values.iter().any(|pattern| matches(pattern, value));
                it.iter().all(takes)
            })
        })
    }
}

/// Whether a pattern for ARNs includes another one. AWS matches the six parts separately, so a `*` matches a colon only
/// in the last part.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>
fn covers_arn(pattern: &str, arn: &str) -> bool {
    let (patterns, parts) = (arn_parts(pattern), arn_parts(arn));
    patterns.len() == parts.len()
        && patterns.iter().zip(&parts).all(|(pattern, part)| covers(pattern, part))
}

/// The parts of an ARN. A reference to an ARN has all parts, so the text after the reference belongs to the last part.
fn arn_parts(arn: &str) -> Vec<&str> {
    let reference = arn.strip_prefix("${").and_then(|it| it.split_once('}'));
    match reference {
        Some((it, _)) if it.ends_with("arn") => vec![arn],
        _ => arn.splitn(6, ':').collect(),
    }
}

/// Whether one of these permissions includes this one.
pub(super) fn any_covers(rights: &BTreeSet<Right>, right: &Right) -> bool {
    // Most permissions of a tree are in the other one, too.
    rights.contains(right) || rights.iter().any(|it| it.covers(right))
}

fn is_pattern(text: &str) -> bool {
    text.contains('*') || text.contains('?')
}

/// Whether a pattern with `*` and `?` matches a text, which may itself be a pattern.
fn covers(pattern: &str, text: &str) -> bool {
    if pattern == text {
        return true;
    }
    if !is_pattern(pattern) || pattern.starts_with(NOT) || text.starts_with(NOT) {
        return false;
    }
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut in_text) = (0, 0);
    // The position of the last star, and the position in the text up to which it matches.
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

/// The removed and the added permissions, one per line.
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

/// A text without the `${…}` around its references.
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
    fn another_order_changes_nothing_and_a_removed_condition_allows_more() {
        let one = of_json(&json!({ "Statement": [
            { "Effect": "Allow", "Action": ["a:X", "a:Y"], "Resource": ["r", "s"], "Sid": "One" },
        ] }));
        let two = of_json(&json!({ "Statement": [
            { "Effect": "Allow", "Action": "a:Y", "Resource": ["s", "r"] },
            { "Effect": "Allow", "Action": "a:X", "Resource": ["s", "r"] },
        ] }));
        assert_eq!(one, two);
        let with = |values: Value| {
            of_json(&json!({ "Statement": {
                "Effect": "Allow", "Action": "a:X", "Resource": "r", "Principal": "*",
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
        // Tests of ARNs match patterns, and `StringEquals` does not.
        let arn = |test: &str, value: &str| json!({ test: { "aws:SourceArn": value } });
        for test in ["ArnLike", "ArnEquals", "StringLike"] {
            assert!(covers(arn(test, "api/*"), arn(test, "api/prod/GET")));
            assert!(!covers(arn(test, "api/prod/GET"), arn(test, "api/*")));
        }
        assert!(!covers(arn("StringEquals", "api/*"), arn("StringEquals", "api/prod")));
        // A reference to an ARN has all parts, except the text after the reference.
        let of = |rest: &str| arn("ArnLike", &format!("${{aws_sqs_queue.q.arn}}:{rest}"));
        assert!(covers(of("*"), of("a:b")));
        let barred = |values: Value| json!({ "StringNotEquals": { "k": values } });
        assert!(covers(barred(json!(["1"])), barred(json!(["1", "2"]))));
        assert!(!covers(barred(json!(["1", "2"])), barred(json!(["1"]))));
    }

    #[test]
    fn both_ways_to_write_a_policy_mean_the_same() {
        let document = Block {
            address: String::new(),
            kind: infra_core::model::BlockKind::Data,
            tf_type: String::new(),
            body: json!({ "statement": [{
                "effect": "Deny", "actions": ["sqs:*"], "resources": ["r"],
                "principals": [{ "type": "*", "identifiers": ["*"] }],
                "condition": [{ "test": "Bool", "variable": "aws:SecureTransport", "values": ["false"] }],
            }] }),
            document: None,
        };
        let json = of_json(&json!({ "Statement": [{
            "Effect": "Deny", "Action": "sqs:*", "Resource": "r", "Principal": { "AWS": "*" },
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }] }));
        assert_eq!(of_document(&Root::default(), &document), json);
        let told = json.first().unwrap().to_string();
        assert_eq!(told, "everybody must not sqs:* on r where aws:SecureTransport Bool false");
    }
}
