//! Compares the data contracts of two versions (`contracts.json`): which version cannot read what the other one wrote, for
//! how long they meet, and in which order to deploy.

use infra_core::{
    contracts::{
        self, Contracts,
        released::{self, Comparison, Difference, Kept, Reader},
    },
    ledger::{self, Ledger},
    model::data::DataKind,
};

use super::{
    Files,
    finding::{Found, Rule, Severity},
};

/// Whether the file has data contracts.
pub(super) fn is_document(path: &str) -> bool {
    path.strip_suffix(contracts::FILE).is_some_and(|it| it.ends_with('/'))
}

/// Compares the data contracts of a root, if they differ.
pub(super) fn check(
    name: &str,
    (before, after): (&Files, &Files),
    differs: &[String],
    found: &mut Vec<Found>,
) {
    let path = format!("generated/{name}/{}", contracts::FILE);
    if !differs.contains(&path) {
        return;
    }
    let read = |files: &Files| files.get(&path).map(|it| Contracts::parse(it));
    let mut tell = |severity, rule, problem: String| {
        found.push(Found::new(severity, rule, contracts::FILE, problem));
    };
    match (read(before), read(after)) {
        (Some(Ok(old)), Some(Ok(new))) => {
            // A resource that was renamed has its data at another address.
            let text = after.get(&format!("generated/{name}/{}", ledger::FILE));
            let ledger = text.and_then(|it| Ledger::parse(it).ok()).unwrap_or_default();
            compared(&released::compare(&old, &new.with(ledger)), found);
        }
        (Some(Err(err)), _) | (_, Some(Err(err))) => {
            tell(Severity::Warning, Rule::Unjudged, format!("it has another format: {err}"));
        }
        (None, _) => {
            let problem = "it is new, with nothing to be compared with".to_owned();
            tell(Severity::Notice, Rule::ContractChanged, problem);
        }
        (_, None) => {
            let problem = "it is gone, so later changes of the data are not compared".to_owned();
            tell(Severity::Warning, Rule::ContractBroken, problem);
        }
    }
}

fn compared(comparison: &Comparison, found: &mut Vec<Found>) {
    comparison.differs.iter().for_each(|it| differs(it, found));
    let callees: Vec<&str> = comparison.callees_gone().collect();
    for (at, kind) in &comparison.gone {
        // Running executions call a function by its name. `data-loss` reports a queue or a table that is gone.
        let (severity, rule, problem) = match *kind == DataKind::Input && callees.contains(&at.as_str()) {
            true => (
                Severity::Danger,
                Rule::ContractBroken,
                "the function is gone, and executions that run call it: remove it when they have ended".to_owned(),
            ),
            false => {
                let problem = format!("the {} has no contract any more", kind.as_str());
                (Severity::Notice, Rule::ContractChanged, problem)
            }
        };
        found.push(Found::new(severity, rule, at, problem));
    }
    for (at, kind) in &comparison.new {
        let problem = format!("the contract of its {} is new", kind.as_str());
        found.push(Found::new(Severity::Notice, Rule::ContractChanged, at, problem));
    }
}

fn differs(it: &Difference, found: &mut Vec<Found>) {
    let what = it.kind.as_str();
    let mut is_broken = false;
    for by in [Reader::Later, Reader::Earlier] {
        let reading = it.reading(by);
        let lines = |is_unjudged: bool| -> Vec<String> {
            let all = reading.unreadable.iter().filter(|it| it.is_unjudged == is_unjudged);
            all.map(|it| format!("{} {}", place(&it.place, what), it.reason)).collect()
        };
        let (broken, unjudged) = (lines(false), lines(true));
        is_broken |= !broken.is_empty() || !unjudged.is_empty();
        if !broken.is_empty() {
            let lines = broken.into_iter().chain([order(it, by)]);
            let problem = match by {
                Reader::Later => format!(
                    "the new version cannot read a {what} of the old one, which is kept {}",
                    Kept(it.kept_seconds)
                ),
                Reader::Earlier => format!(
                    "the old version cannot read a {what} of the new one: both run during a deployment, and the old one \
                     after a rollback"
                ),
            };
            let finding = Found::new(Severity::Danger, Rule::ContractBroken, &it.at, problem);
            found.push(finding.with(lines));
        }
        if !unjudged.is_empty() {
            let problem = format!("no rule says whether a {what} of the other version can be read");
            let finding = Found::new(Severity::Warning, Rule::Unjudged, &it.at, problem);
            found.push(finding.with(unjudged));
        }
    }
    if !is_broken {
        let ignored = |by: Reader, version: &str| -> Vec<String> {
            let all = it.reading(by).ignored.iter();
            all.map(|place| format!("the {version} version ignores `{place}`")).collect()
        };
        let mut lines = ignored(Reader::Later, "new");
        lines.extend(ignored(Reader::Earlier, "old"));
        let problem =
            format!("its {what} has another schema, and each version reads that of the other");
        let finding = Found::new(Severity::Notice, Rule::ContractChanged, &it.at, problem);
        found.push(finding.with(lines));
    }
}

fn place(pointer: &str, what: &str) -> String {
    if pointer.is_empty() { format!("the {what}") } else { format!("`{pointer}`") }
}

/// The order of deployment with which both versions can read everything.
fn order(it: &Difference, by: Reader) -> String {
    let both = !it.later.unreadable.is_empty() && !it.earlier.unreadable.is_empty();
    let order = match (by, both) {
        (_, true) => {
            "it takes two deployments: first the readers accept both forms, then the writers use the new one"
        }
        (Reader::Later, false) => {
            "let the new version read the old form, too, or deploy it when no such data is left"
        }
        (Reader::Earlier, false) => {
            "it takes two deployments: first the readers accept the new form, then the writers use it"
        }
    };
    order.to_owned()
}
