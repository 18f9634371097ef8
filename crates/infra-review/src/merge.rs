//! Merges equal findings and equal changes of several addresses and roots.

use std::collections::BTreeMap;

use super::{Change, Finding, Part, Rule, Severity, TerraformAction};

/// The findings, the worst first, and the changes, sorted by operation.
pub(super) fn merge(parts: Vec<Part>) -> (Vec<Finding>, Vec<Change>) {
    type Told = (Severity, Rule, String, Vec<String>, Vec<String>);
    type Done = (TerraformAction, String, Vec<String>);
    let mut findings: BTreeMap<Told, Vec<(String, Told)>> = BTreeMap::new();
    let mut changes: BTreeMap<Done, Vec<(String, Vec<String>)>> = BTreeMap::new();
    for mut part in parts {
        let mut alike: BTreeMap<(Severity, Rule, String, Vec<String>), Vec<String>> =
            BTreeMap::new();
        part.findings.sort();
        part.findings.dedup();
        for it in std::mem::take(&mut part.findings) {
            let key = (it.severity, it.rule, it.problem, it.details);
            alike.entry(key).or_default().push(it.address);
        }
        for ((severity, rule, problem, details), addresses) in alike {
            let any = |it: &String| part.anonymous(it);
            let key = (
                severity,
                rule,
                any(&problem),
                details.iter().map(any).collect(),
                addresses.iter().map(any).collect(),
            );
            let own = (severity, rule, problem, details, addresses);
            findings.entry(key).or_default().push((part.name.clone(), own));
        }
        for (action, address, lines) in std::mem::take(&mut part.changes) {
            let any = lines.iter().map(|it| part.anonymous(it)).collect();
            changes.entry((action, address, any)).or_default().push((part.name.clone(), lines));
        }
    }
    let mut findings: Vec<Finding> = findings
        .into_iter()
        .map(|(common, mut roots)| {
            let environments = roots.iter().map(|(name, _)| name.clone()).collect();
            // A finding of only one root keeps the names of that root.
            let told = if roots.len() == 1 { roots.remove(0).1 } else { common };
            let (severity, rule, problem, details, addresses) = told;
            Finding { severity, rule, environments, addresses, problem, details }
        })
        .collect();
    findings.sort_by_key(|it| (std::cmp::Reverse(it.severity), it.rule));
    // Equal changes of several resources become one change.
    let mut alike: BTreeMap<(TerraformAction, Vec<String>, Vec<String>), Vec<String>> =
        BTreeMap::new();
    for ((action, address, common), mut roots) in changes {
        let environments = roots.iter().map(|(name, _)| name.clone()).collect();
        let lines = if roots.len() == 1 { roots.remove(0).1 } else { common };
        alike.entry((action, environments, lines)).or_default().push(address);
    }
    let changes = alike.into_iter().map(|((action, environments, lines), addresses)| Change {
        action,
        addresses,
        environments,
        lines,
    });
    let mut changes: Vec<Change> = changes.collect();
    changes.sort_by(|a, b| (a.action, &a.addresses).cmp(&(b.action, &b.addresses)));
    (findings, changes)
}

impl Part {
    /// Replaces the names that only this root has.
    fn anonymous(&self, text: &str) -> String {
        self.own.iter().fold(text.to_owned(), |text, (own, instead)| words(&text, own, instead))
    }
}

/// Replaces a whole word: `prod` in `dofs-prod-orders`, not in `product`.
fn words(text: &str, word: &str, instead: &str) -> String {
    if !text.contains(word) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices(word) {
        let end = at + word.len();
        let outside = |it: Option<char>| it.is_none_or(|it| !it.is_ascii_alphanumeric());
        if at >= from && outside(text[..at].chars().last()) && outside(text[end..].chars().next()) {
            out.push_str(&text[from..at]);
            out.push_str(instead);
            from = end;
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_replaced() {
        fn check(text: &str, expected: &str) {
            assert_eq!(words(text, "prod", "<env>"), expected);
        }
        check("dofs-prod-orders", "dofs-<env>-orders");
        check("prod prod", "<env> <env>");
        check("product_prod", "product_<env>");
        check("reprod", "reprod");
        check("", "");
    }
}
