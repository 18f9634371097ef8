//! The figures in the README of the repository: quoted from the report, between two marks.

use std::fmt::Write as _;

use anyhow::Context as _;

use super::report::Report;

const BEGIN: &str = "<!-- figures -->\n";
const END: &str = "<!-- end of figures -->";

/// README's text with the report's figures in it.
pub(crate) fn with_figures(text: &str, report: &Report) -> anyhow::Result<String> {
    let missing = || format!("README.md lacks the marks {} and {END}", BEGIN.trim_end());
    let (before, rest) = text.split_once(BEGIN).with_context(missing)?;
    let (_, after) = rest.split_once(END).with_context(missing)?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", figures(report)))
}

/// One line a part, and what falls short by name. A quick run is no measurement to be quoted.
fn figures(report: &Report) -> String {
    let parts: Vec<_> = report.parts.iter().filter(|it| !it.1.quick).collect();
    if parts.is_empty() {
        return "\nNothing has been measured in full yet.\n\n".to_owned();
    }
    let mut out = String::from("\n");
    for (_, part) in parts.iter().filter(|it| !it.1.headline.is_empty()) {
        let _ = writeln!(out, "- {}", part.headline);
    }
    let bounds =
        || parts.iter().flat_map(|(name, part)| part.bounds.iter().map(move |it| (name, it)));
    let kept = bounds().filter(|it| it.1.kept()).count();
    let _ = write!(out, "\n{kept} of {} bounds are kept", bounds().count());
    let short = bounds().filter(|it| !it.1.kept());
    let short: Vec<_> = short.map(|(name, it)| format!("{name}: {}", it.what)).collect();
    match short.is_empty() {
        true => out.push_str(".\n"),
        false => {
            let _ = writeln!(out, "; what falls short: {}.", short.join("; "));
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_written() {
        let report = Report::default();
        let text = format!("before\n{BEGIN}old 40 x\n{END}\nafter\n");
        let written = with_figures(&text, &report).unwrap();
        assert!(written.starts_with("before\n") && written.ends_with("\nafter\n"), "{written}");
        assert!(!written.contains("40 x"));
        assert_eq!(with_figures(&written, &report).unwrap(), written);
        let err = with_figures("no marks", &report).unwrap_err().to_string();
        assert!(err.contains("lacks the marks"), "{err}");
    }
}
