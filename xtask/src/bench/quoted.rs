//! Writes the figures of the report into `docs/performance.md`, between two marks.

use std::fmt::Write as _;

use anyhow::Context as _;

use super::{
    PARTS,
    report::{Machine, Part, Report},
};

/// The document that quotes the figures.
pub(crate) const QUOTING: &str = "docs/performance.md";

const BEGIN: &str = "<!-- figures -->\n";
const END: &str = "<!-- end of figures -->";

/// The document's text with the report's figures in it.
pub(crate) fn with_figures(text: &str, report: &Report) -> anyhow::Result<String> {
    let missing = || format!("{QUOTING} lacks the marks {} and {END}", BEGIN.trim_end());
    let (before, rest) = text.split_once(BEGIN).with_context(missing)?;
    let (_, after) = rest.split_once(END).with_context(missing)?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", figures(report)))
}

/// Returns one line for each part, in the order of the parts, and the missed bounds. The figures of a quick run are not
/// quoted.
fn figures(report: &Report) -> String {
    let full = |name: &str| report.parts.get(name).filter(|it| !it.quick);
    let parts: Vec<_> = PARTS.iter().filter_map(|(name, _)| Some((name, full(name)?))).collect();
    let missing: Vec<&str> = PARTS.iter().map(|it| it.0).filter(|it| full(it).is_none()).collect();
    let mut out = String::from("\n");
    for (_, part) in parts.iter().filter(|it| !it.1.headline.is_empty()) {
        let _ = writeln!(out, "- {}", part.headline);
    }
    if !missing.is_empty() {
        let gap = if parts.is_empty() { "" } else { "\n" };
        let names = missing.join(", ");
        let command = missing.join(" ");
        let _ = writeln!(
            out,
            "{gap}Not measured in full as it is now: {names}. `cargo xtask bench {command}` does."
        );
    }
    if parts.is_empty() {
        out.push('\n');
        return out;
    }
    let bounds =
        || parts.iter().flat_map(|(name, part)| part.bounds.iter().map(move |it| (name, it)));
    let kept = bounds().filter(|it| it.1.kept()).count();
    let _ = write!(out, "\n{kept} of {} bounds are kept", bounds().count());
    let short = bounds().filter(|it| !it.1.kept());
    let short: Vec<_> = short.map(|(name, it)| format!("{name}: {}", it.what)).collect();
    if !short.is_empty() {
        let _ = write!(out, "; missed bounds: {}", short.join("; "));
    }
    let _ = writeln!(out, ". {}\n", measured(&parts));
    out
}

/// Returns the commits and the machines of the measurements.
fn measured(parts: &[(&&str, &Part)]) -> String {
    let mut where_measured: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, part) in parts {
        let Machine { processor, cores, .. } = &part.machine;
        let place = format!("{} on {processor}, {cores} cores", part.measured_at);
        match where_measured.iter_mut().find(|it| it.0 == place) {
            Some((_, names)) => names.push(name),
            None => where_measured.push((place, vec![name])),
        }
    }
    let told: Vec<String> = where_measured
        .iter()
        .map(|(place, names)| format!("{} at {place}", names.join(", ")))
        .collect();
    format!("Measured: {}.", told.join("; "))
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
        assert!(written.contains("Not measured in full as it is now: suite, build, "), "{written}");
        let err = with_figures("no marks", &report).unwrap_err().to_string();
        assert!(err.contains("lacks the marks"), "{err}");
    }
}
