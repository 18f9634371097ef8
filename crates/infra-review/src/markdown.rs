//! Writes a review as a comment on a pull request.

use std::fmt::Write as _;

use super::{Costs, Finding, Review, Severity, TerraformAction, month::signed, text::summary};
use terminal::harmless;

/// GitHub limits a comment to 65,536 characters. A longer review is cut here, and ends with a note that there is more.
const LONGEST: usize = 60_000;

pub(super) fn write(review: &Review) -> String {
    if review.is_empty() {
        return "### What this changes in AWS\n\nNothing changes.\n".to_owned();
    }
    let mut out = format!("### What this changes in AWS\n\n{}.\n", summary(review));
    for severity in [Severity::Danger, Severity::Warning, Severity::Notice] {
        let mut these = review.findings.iter().filter(|it| it.severity == severity).peekable();
        if these.peek().is_none() {
            continue;
        }
        let head = match severity {
            Severity::Danger => "🛑 Danger",
            Severity::Warning => "⚠️ Warning",
            Severity::Notice => "ℹ️ Notice",
        };
        let _ = write!(out, "\n#### {head}\n\n");
        for finding in these {
            write_finding(&mut out, finding);
        }
    }
    write_costs(&mut out, &review.costs);
    write_changes(&mut out, review);
    shortened(out)
}

/// The largest number of cost lines that the comment shows for an environment.
const LINES: usize = 12;

fn write_costs(out: &mut String, costs: &Costs) {
    if costs.environments.is_empty() {
        return;
    }
    out.push_str("\n#### What a month costs\n\n");
    let differs: Vec<_> = costs.environments.iter().filter(|it| it.differs()).collect();
    let same = costs.environments.iter().filter(|it| !it.differs());
    let same: Vec<_> =
        same.map(|it| format!("{} ({:.2} USD)", plain(&it.environment), it.after)).collect();
    if !differs.is_empty() {
        out.push_str("| USD | before | after | difference |\n|---|---:|---:|---:|\n");
    }
    for month in differs {
        let (name, before, after) = (plain(&month.environment), month.before, month.after);
        let usd = signed(month.usd());
        let _ = writeln!(out, "| **{name}** | **{before:.2}** | **{after:.2}** | **{usd}** |");
        for it in month.lines.iter().take(LINES) {
            let (what, before, after) = (it.what.label(), it.before, it.after);
            let (address, usd) = (cell(&it.address), signed(it.usd()));
            let _ = writeln!(out, "| {address}: {what} | {before:.2} | {after:.2} | {usd} |");
        }
        if month.lines.len() > LINES {
            let _ = writeln!(out, "| and {} lines more | | | |", month.lines.len() - LINES);
        }
    }
    if !same.is_empty() {
        let gap = if same.len() < costs.environments.len() { "\n" } else { "" };
        let _ = writeln!(out, "{gap}As before: {}.", same.join(", "));
    }
    let _ = writeln!(out, "\n({})", plain(&costs.what_they_are().join("; ")));
}

fn write_finding(out: &mut String, finding: &Finding) {
    let addresses: Vec<_> = finding.addresses.iter().map(|it| code(it)).collect();
    let (rule, environments) = (finding.rule.as_str(), plain(&finding.environments.join(", ")));
    let _ = writeln!(out, "- **{rule}** in {environments}: {}", plain(&finding.problem));
    let _ = writeln!(out, "  {}", addresses.join(", "));
    for line in &finding.details {
        let _ = writeln!(out, "  - {}", plain(line));
    }
}

fn write_changes(out: &mut String, review: &Review) {
    let count = review.resources() + review.other_files.len();
    if review.changes.is_empty() && count == 0 {
        return;
    }
    let _ = write!(out, "\n<details><summary>Everything that changes ({count})</summary>\n\n");
    for change in &review.changes {
        let mark = match change.action {
            TerraformAction::Replace => "±",
            TerraformAction::Delete => "−",
            TerraformAction::Create => "+",
            TerraformAction::Forget
            | TerraformAction::Import
            | TerraformAction::Move
            | TerraformAction::Update => "~",
            TerraformAction::Keep => "=",
        };
        let (action, environments) =
            (change.action.as_str(), plain(&change.environments.join(", ")));
        let addresses: Vec<_> = change.addresses.iter().map(|it| code(it)).collect();
        let addresses = addresses.join(", ");
        let _ = writeln!(out, "- {mark} {action} in {environments}: {addresses}");
        for line in &change.lines {
            let _ = writeln!(out, "  - {}", code(line));
        }
    }
    for path in &review.other_files {
        let _ = writeln!(out, "- ~ {}", code(path));
    }
    out.push_str("\n</details>\n");
}

/// Formats a text as code, whatever backticks it has. It escapes characters that are invisible or change the direction
/// of the text, because people approve a change by this comment.
fn code(text: &str) -> String {
    let text = harmless(&text.replace(['\n', '\r'], " ")).into_owned();
    let longest = text.split(|it| it != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Formats a text as code in a table, in which a `|` would end the cell.
fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// Escapes Markdown, HTML and mentions of users. Text between backticks stays as it is, because it is code.
fn plain(text: &str) -> String {
    let text = text.replace('\r', " ");
    let text: &str = &harmless(&text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        escaped(&rest[..at], &mut out);
        let ticks = &rest[at..];
        let fence = ticks.len() - ticks.trim_start_matches('`').len();
        rest = match code_span(ticks, fence) {
            Some(end) => {
                out.push_str(&ticks[..end].replace(['\n', '\r'], " "));
                &ticks[end..]
            }
            None => {
                out.push_str(&"\\`".repeat(fence));
                &ticks[fence..]
            }
        };
    }
    escaped(rest, &mut out);
    out
}

/// The end of the code span at the start of a text: after the next run of as many backticks.
/// <https://spec.commonmark.org/0.31.2/#code-spans>
fn code_span(text: &str, fence: usize) -> Option<usize> {
    let mut at = fence;
    while let Some(next) = text[at..].find('`') {
        let begin = at + next;
        let run = text[begin..].len() - text[begin..].trim_start_matches('`').len();
        if run == fence {
            return Some(begin + run);
        }
        at = begin + run;
    }
    None
}

fn escaped(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '*' | '_' | '[' | ']' | '|' | '~' | '#' | '\\' | '!' => {
                out.push('\\');
                out.push(letter);
            }
            // `@name` would notify a user.
            '@' => out.push_str("@\u{200b}"),
            _ => out.push(letter),
        }
    }
}

fn shortened(mut text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let end = (0..=LONGEST).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
    let line = text[..end].rfind('\n').map_or(end, |it| it + 1);
    let open = text[..line].contains("<details>");
    text.truncate(line);
    text.push_str(if open { "\n</details>\n" } else { "" });
    text.push_str("\nThere is more: run `infra-gen review` to see all of it.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_in_a_value_is_escaped() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(plain("<b> *x* @all"), "&lt;b&gt; \\*x\\* @\u{200b}all");
        assert_eq!(plain("a_b is `a_b` <c>"), "a\\_b is `a_b` &lt;c&gt;");
        assert_eq!(plain("`a*`` <b>` _c_"), "`a*`` <b>` \\_c\\_");
        assert_eq!(plain("a ` <b> _c_"), "a \\` &lt;b&gt; \\_c\\_");
        assert_eq!(plain("`` a_` b"), "\\`\\` a\\_\\` b");
        assert_eq!(code("a\u{202e}b\u{200b}\u{e0041}"), "`a\\u202eb\\u200b\\udb40\\udc41`");
        assert_eq!(plain("a\u{202e}b `\u{2066}c` \u{feff}"), "a\\\\u202eb `\\u2066c` \\\\ufeff");
    }

    #[test]
    fn markdown_in_names_of_roots_and_resources_is_escaped() {
        let finding = Finding {
            severity: Severity::Danger,
            rule: super::super::Rule::Exposed,
            environments: vec!["@all *x*".to_owned()],
            addresses: vec!["a`b".to_owned()],
            problem: "p".to_owned(),
            details: Vec::new(),
        };
        let change = super::super::Change {
            action: TerraformAction::Update,
            addresses: vec!["a".to_owned()],
            environments: vec!["<b>".to_owned()],
            lines: Vec::new(),
        };
        let review = Review {
            findings: vec![finding],
            changes: vec![change],
            costs: Costs::of(crate::cost::Orders::DEFAULT, Vec::new()),
            other_files: Vec::new(),
        };
        let told = write(&review);
        assert!(told.contains("in @\u{200b}all \\*x\\*: p"), "{told}");
        assert!(told.contains("update in &lt;b&gt;: `a`"), "{told}");
        assert_eq!(cell("a|b"), "`a\\|b`");
    }

    #[test]
    fn a_comment_is_never_too_long() {
        let long = format!("<details>\n{}", "é line\n".repeat(20_000));
        let short = shortened(long);
        assert!(short.len() < 61_000 && short.contains("</details>\n\nThere is more"));
    }
}
