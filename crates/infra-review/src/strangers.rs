//! Finds accounts that a block did not name before, and that are not those of the root.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    block::Block,
    compare::Comparison,
    finding::{Found, Rule, Severity},
    json,
};

pub(super) fn check(compare: &Comparison<'_>, found: &mut Vec<Found>) {
    let own = compare.after.accounts();
    for (address, before, after) in compare.all() {
        let Some(after) = after.filter(|after| before != Some(*after)) else { continue };
        let was = before.map(named).unwrap_or_default();
        for account in named(after).difference(&was).filter(|it| !own.contains(it)) {
            let problem = format!("it names the account {account}, which is not that of the root");
            found.push(Found::new(Severity::Warning, Rule::Exposed, address, problem));
        }
    }
}

/// The accounts in a block and in the document that it reads.
fn named(block: &Block) -> BTreeSet<String> {
    let mut accounts = BTreeSet::new();
    gather(&block.body, &mut accounts);
    block.document.iter().for_each(|it| gather(it, &mut accounts));
    accounts
}

/// Fields that are not searched: texts for people, and the principals of policies, which `rights` judges.
const PASSED_OVER: &[&str] =
    &["//", "Comment", "NotPrincipal", "Principal", "description", "not_principals", "principals"];

fn gather(value: &Value, accounts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if json::is_document(text) => match json::parse(text) {
            Ok(inner) => gather(&inner, accounts),
            Err(_) => accounts.extend(in_text(text)),
        },
        Value::String(text) => accounts.extend(in_text(text)),
        Value::Number(it) => accounts.extend(in_text(&it.to_string())),
        Value::Array(items) => items.iter().for_each(|it| gather(it, accounts)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !PASSED_OVER.contains(&name.as_str()))
            .for_each(|(_, it)| gather(it, accounts)),
        Value::Null | Value::Bool(_) => (),
    }
}

/// The accounts in ARNs and in the URLs of queues. A text that is nothing but an account counts, too.
fn in_text(text: &str) -> impl Iterator<Item = String> {
    let arns = text.split("arn:").skip(1).filter_map(|it| it.split(':').nth(3));
    let urls = text.split(".amazonaws.com/").skip(1).filter_map(|it| it.split('/').next());
    let is_account = |it: &&str| it.len() == 12 && it.bytes().all(|it| it.is_ascii_digit());
    arns.chain(urls).chain([text]).filter(is_account).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_is_found_wherever_it_is_named() {
        fn check(value: Value, expected: &[&str]) {
            let mut found = BTreeSet::new();
            gather(&value, &mut found);
            assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{value}");
        }
        const A: &str = "111111111111";
        check(json!(A), &[A]);
        check(json!(111_111_111_111_u64), &[A]);
        check(json!({ "values": [A, "222222222222"] }), &[A, "222222222222"]);
        check(json!("arn:aws:sqs:eu-west-1:111111111111:x"), &[A]);
        check(json!("a arn:aws:iam::111111111111:role/x, arn:aws:s3:::b"), &[A]);
        check(json!("https://sqs.eu-west-1.amazonaws.com/111111111111/x"), &[A]);
        check(json!("{\"a\":\"[{\\\"b\\\":\\\"111111111111\\\"}]\"}"), &[A]);
        check(json!({ "Condition": { "StringEquals": { "aws:SourceAccount": A } } }), &[A]);
        for it in ["1111111111111", "11111111111", "arn:aws:s3:::111111111111-x", "11111111111a"] {
            check(json!(it), &[]);
        }
        check(json!({ "//": A, "description": A, "principals": [{ "identifiers": [A] }] }), &[]);
    }
}
