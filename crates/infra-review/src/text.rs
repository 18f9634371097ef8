//! Writes a review as text for a terminal.

use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};

use terminal::harmless;

use super::{Costs, Finding, Review, Severity, TerraformAction, month::signed};

pub(super) fn write(review: &Review, colours: bool) -> String {
    let paint = Paint(colours);
    let mut out = String::new();
    if review.is_empty() {
        return "nothing changes in AWS\n".to_owned();
    }
    for finding in &review.findings {
        write_finding(&mut out, finding, paint);
    }
    if !review.changes.is_empty() {
        let _ = writeln!(out, "{}", paint.of(Style::new().bold(), "what Terraform will do"));
    }
    for change in &review.changes {
        let style = match change.action {
            TerraformAction::Replace | TerraformAction::Delete => AnsiColor::Red.on_default(),
            TerraformAction::Create | TerraformAction::Import => AnsiColor::Green.on_default(),
            TerraformAction::Forget | TerraformAction::Move | TerraformAction::Update => {
                AnsiColor::Yellow.on_default()
            }
            TerraformAction::Keep => Style::new(),
        };
        let action = format!("{:<7}", change.action.as_str());
        let action = paint.of(style, &action).to_string();
        for address in &change.addresses {
            let address = shown(address);
            let _ = writeln!(out, "  {action} {address} {}", within(&change.environments));
        }
        for line in &change.lines {
            let _ = writeln!(out, "            {}", shown(line));
        }
    }
    for path in &review.other_files {
        let _ = writeln!(out, "  differs {}", shown(path));
    }
    write_costs(&mut out, &review.costs, paint);
    let _ = writeln!(out, "\n{}", summary(review));
    out
}

fn write_costs(out: &mut String, costs: &Costs, paint: Paint) {
    if costs.environments.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.of(Style::new().bold(), "what a month costs"));
    let dearer = |usd: f64| match usd {
        it if it > 0.0 => AnsiColor::Red.on_default(),
        _ => AnsiColor::Green.on_default(),
    };
    for month in &costs.environments {
        let (name, before, after) = (shown(&month.environment), month.before, month.after);
        if !month.differs() {
            let _ = writeln!(out, "  {name}: {after:.2} USD, as before");
            continue;
        }
        let usd = signed(month.usd());
        let usd = paint.of(dearer(month.usd()), &format!("{usd} USD")).to_string();
        let _ = writeln!(out, "  {name}: {usd}, from {before:.2} to {after:.2} USD");
        for it in &month.lines {
            let (usd, what) = (signed(it.usd()), it.what.label());
            let _ = writeln!(out, "    {usd:>9} USD  {}  {what}", shown(&it.address));
        }
    }
    for line in costs.what_they_are() {
        let _ = writeln!(out, "  ({line})");
    }
}

fn write_finding(out: &mut String, finding: &Finding, paint: Paint) {
    let style = match finding.severity {
        Severity::Danger => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Notice => AnsiColor::Cyan.on_default().bold(),
    };
    let severity = paint.of(style, finding.severity.as_str()).to_string();
    let rule = finding.rule.as_str();
    let _ = writeln!(out, "{severity} [{rule}] {}", within(&finding.environments));
    for address in &finding.addresses {
        let _ = writeln!(out, "  {}", paint.of(Style::new().bold(), &shown(address)));
    }
    let _ = writeln!(out, "    {}", shown(&finding.problem));
    for line in &finding.details {
        let _ = writeln!(out, "    {}", shown(line));
    }
    out.push('\n');
}

fn within(environments: &[String]) -> String {
    format!("({})", shown(&environments.join(", ")))
}

/// A text of a tree in one line, so that it can neither control the terminal nor look like a line of the review.
fn shown(text: &str) -> String {
    harmless(text).replace('\n', " ")
}

/// The numbers of findings and of changes.
pub(super) fn summary(review: &Review) -> String {
    let count = |severity| review.findings.iter().filter(|it| it.severity == severity).count();
    let of = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        it => format!("{it} {many}"),
    };
    format!(
        "{}, {}, {}; {}",
        of(count(Severity::Danger), "danger", "dangers"),
        of(count(Severity::Warning), "warning", "warnings"),
        of(count(Severity::Notice), "notice", "notices"),
        of(review.resources(), "resource changes", "resources change"),
    )
}

#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn of(self, style: Style, text: &str) -> impl Display {
        let style = if self.0 { style } else { Style::new() };
        format!("{style}{text}{style:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, Rule};

    #[test]
    fn the_texts_of_a_tree_cannot_control_the_terminal() {
        let review = Review {
            findings: vec![Finding {
                severity: Severity::Danger,
                rule: Rule::Exposed,
                environments: vec!["a\u{1b}[2J".to_owned()],
                addresses: vec!["b\u{9b}c".to_owned()],
                problem: "d\re".to_owned(),
                details: vec!["f\u{202e}g".to_owned()],
            }],
            changes: vec![Change {
                action: TerraformAction::Update,
                addresses: vec!["h\u{7}".to_owned()],
                environments: vec!["i\u{8}".to_owned()],
                lines: vec!["j\nk".to_owned()],
            }],
            costs: Costs::of(crate::cost::Orders::DEFAULT, Vec::new()),
            other_files: vec!["l\u{1b}".to_owned()],
        };
        let told = write(&review, false);
        let is_safe = |it: char| !it.is_control() || it == '\n';
        assert!(told.chars().all(is_safe) && !told.contains('\u{202e}'), "{told:?}");
        assert!(told.contains("a\\u001b[2J") && told.contains("j k"), "{told}");
    }
}
