//! Writes `bench/README.md` and its charts, and the lines on the terminal. All of them follow from the report alone.

mod asked;
mod figures;

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use anyhow::Context as _;
use fs_err as fs;

use super::{
    PARTS, chart, files, quoted,
    report::{Bound, Part, Report, Sense, Unit},
};

/// The path of the report.
const RESULTS: &str = "bench/results.json";

impl Report {
    /// Reads the report of the repository. Returns an empty one if there is none.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let path = root.join(RESULTS);
        if !path.exists() {
            return Ok(Report::default());
        }
        serde_json::from_slice(&fs::read(&path)?).with_context(|| {
            format!("{RESULTS} cannot be read\n  fix: restore it with git, or delete it and measure all parts")
        })
    }

    /// Writes the report into the repository.
    pub(crate) fn write(&self, root: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(root.join("bench"))?;
        fs::write(root.join(RESULTS), format!("{:#}\n", serde_json::to_value(self)?))?;
        Ok(())
    }
}

/// Writes all files that follow from the report, and removes old charts.
pub(crate) fn write(root: &Path, report: &Report) -> anyhow::Result<()> {
    let page = root.join(quoted::QUOTING);
    let text = quoted::with_figures(&fs::read_to_string(&page)?, report)?;
    fs::write(&page, text)?;
    files::empty(&root.join("bench/charts"))?;
    for (path, text) in pages(report) {
        fs::write(root.join(path), text)?;
    }
    Ok(())
}

/// The page and its charts, by their paths.
fn pages(report: &Report) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut page = String::from(
        "# Benchmarks\n\n\
         Everything here is written by `cargo xtask bench` from `bench/results.json`, which it measures. All\n\
         subjects of a part run in turns, A B A B, in one run on one machine: read the ratios, because times\n\
         differ from machine to machine. A bar is the median; the line on it goes from the fastest to the\n\
         slowest run. A part has one chart, and tables of medians; `x` is the ratio to the first of its group.\n\
         `bench/results.json` has the fastest and the slowest run of each, too. The peers are in `bench/peers`.\n",
    );
    for (name, _) in PARTS {
        match report.parts.get(*name) {
            Some(part) => section(&mut page, &mut pages, name, part),
            None => {
                let _ = write!(
                    page,
                    "\n## {name}\n\nNot measured yet. `cargo xtask bench {name}` does.\n"
                );
            }
        }
    }
    pages.insert("bench/README.md".to_owned(), page);
    pages
}

fn section(page: &mut String, pages: &mut BTreeMap<String, String>, name: &str, part: &Part) {
    let _ = write!(page, "\n## {name}\n\n{}\n\n", part.what);
    if part.quick {
        page.push_str(
            "**A quick run: few rounds, and nothing that takes minutes. Do not quote it.**\n\n",
        );
    }
    if !part.headline.is_empty() {
        let _ = write!(page, "{}\n\n", part.headline);
    }
    if !part.bounds.is_empty() {
        asked::write(page, &part.bounds);
        let profiles = profiles(&part.bounds);
        if !profiles.is_empty() {
            page.push_str("\nMissed bounds, with the findings of the profile:\n\n");
        }
        for (profile, bounds) in profiles {
            let _ = writeln!(page, "- {}: {profile}", bounds.join("; "));
        }
    }
    if let Some(table) = part.tables.first() {
        let (chart, title) = (format!("charts/{name}-{}.svg", slug(&table.title)), &table.title);
        let _ = write!(page, "\n![{title}]({chart})\n");
        pages.insert(format!("bench/{chart}"), chart::svg(table));
    }
    if !part.tables.is_empty() {
        page.push_str("\n<details><summary>Figures</summary>\n");
        figures::write(page, &part.tables);
        page.push_str("\n</details>\n");
    }
    if !part.notes.is_empty() {
        page.push('\n');
    }
    for note in &part.notes {
        let _ = writeln!(page, "- {note}");
    }
    let machine = &part.machine;
    let versions: Vec<_> = part.versions.iter().map(|(name, it)| format!("{name} {it}")).collect();
    let _ = write!(
        page,
        "\nMeasured at {} on {}, {} cores, {}, {}; {}.\n",
        part.measured_at,
        machine.processor,
        machine.cores,
        machine.memory,
        machine.system,
        versions.join(", ")
    );
}

/// The findings of profiles, each with its bounds.
fn profiles(bounds: &[Bound]) -> Vec<(&str, Vec<&str>)> {
    let mut profiles: Vec<(&str, Vec<&str>)> = Vec::new();
    for bound in bounds {
        let Some(profile) = &bound.profile else { continue };
        match profiles.iter_mut().find(|it| it.0 == profile) {
            Some((_, bounds)) => bounds.push(&bound.what),
            None => profiles.push((profile, vec![&bound.what])),
        }
    }
    profiles
}

/// The limit of a bound, as a short text.
fn limit(bound: &Bound) -> String {
    let sign = match bound.sense {
        Sense::AtLeast => "≥",
        Sense::AtMost => "≤",
    };
    format!("{sign} {}", bound.unit.tell(bound.limit))
}

fn verdict(bound: &Bound) -> &'static str {
    if bound.kept() { "pass" } else { "falls short" }
}

/// A part for the terminal: its figures, then its bounds.
pub(crate) fn terminal(part: &Part) -> String {
    let mut out = String::new();
    for table in &part.tables {
        let _ = writeln!(out, "{}", table.title);
        for (group, rows) in table.groups() {
            if !group.is_empty() {
                let _ = writeln!(out, "  {group}");
            }
            for (at, row) in rows.iter().enumerate() {
                let (label, samples) = (&row.label, row.samples);
                let median = table.unit.tell(samples.median);
                let _ = write!(out, "    {label:<44} {median:>10}");
                if at > 0 {
                    let _ = write!(
                        out,
                        " {:>10}",
                        Unit::Times.tell(samples.median / rows[0].samples.median)
                    );
                }
                out.push('\n');
            }
        }
    }
    for bound in &part.bounds {
        let _ = writeln!(
            out,
            "  {:<11} {}: {} ({})",
            verdict(bound),
            bound.what,
            bound.unit.tell(bound.value),
            limit(bound)
        );
    }
    for (profile, bounds) in profiles(&part.bounds) {
        let _ =
            writeln!(out, "  findings of the profile for {}:\n    {profile}", bounds.join("; "));
    }
    for note in &part.notes {
        let _ = writeln!(out, "  note: {note}");
    }
    out.trim_end().to_owned()
}

/// A title as the name of a file.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for letter in title.chars() {
        match letter {
            _ if letter.is_ascii_alphanumeric() => slug.push(letter.to_ascii_lowercase()),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => (),
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The paths of files in the repository that differ from the report.
#[cfg(test)]
fn stale(root: &Path, report: &Report) -> Vec<String> {
    let pages = pages(report);
    let charts = files::below(&root.join("bench/charts")).unwrap_or_default();
    let charts = charts.iter().map(|it| it.strip_prefix(root).unwrap().display().to_string());
    let surplus = charts.filter(|it| !pages.contains_key(it));
    let is_right =
        |path: &str, text: &str| fs::read_to_string(root.join(path)).ok().as_deref() == Some(text);
    let wrong = pages.iter().filter(|(path, text)| !is_right(path, text)).map(|it| it.0.clone());
    surplus.chain(wrong).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::{Machine, Row, Samples, Table};

    fn repository() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    /// Rule 8 for every figure: the documentation and the page have the figures of the report, and no others.
    #[test]
    fn figures_match_the_stored_measurements() {
        let report = Report::read(repository()).unwrap();
        let stale = stale(repository(), &report);
        assert!(stale.is_empty(), "fix: cargo xtask bench --draw\n{stale:#?}");
        let quoting = fs::read_to_string(repository().join(quoted::QUOTING)).unwrap();
        let expected = quoted::with_figures(&quoting, &report).unwrap();
        assert!(
            quoting == expected,
            "{} quotes other figures\n  fix: cargo xtask bench --draw",
            quoted::QUOTING
        );
    }

    #[test]
    fn a_page_lists_missed_bounds_with_the_profile() {
        let bound = Bound::at_least("faster than it", 39.0, 40.0, Unit::Times).profile("the disk");
        let rows =
            vec![Row::new("infra-gen", Samples::once(0.02)), Row::new("it", Samples::once(0.78))];
        let part = Part {
            what: "One.".to_owned(),
            headline: String::new(),
            measured_at: "abc".to_owned(),
            quick: false,
            machine: Machine {
                processor: "p".to_owned(),
                cores: 2,
                memory: "4 GiB".to_owned(),
                system: "Linux".to_owned(),
            },
            versions: BTreeMap::from([("node".to_owned(), "20".to_owned())]),
            tables: vec![Table::new("Time, of all", Unit::Seconds, rows)],
            bounds: vec![bound],
            notes: Vec::new(),
        };
        let on_terminal = terminal(&part);
        assert!(on_terminal.contains("falls short faster than it: 39 x (≥ 40 x)"), "{on_terminal}");
        assert!(on_terminal.contains("the disk"), "{on_terminal}");
        let pages = pages(&Report { parts: BTreeMap::from([("build".to_owned(), part)]) });
        let page = &pages["bench/README.md"];
        for expected in [
            "| faster than it | 39 x | ≥ 40 x | falls short |",
            "- faster than it: the disk",
            "| it | 780 ms, 39 x |",
            "![Time, of all](charts/build-time-of-all.svg)",
            "## flow\n\nNot measured yet. `cargo xtask bench flow` does.",
        ] {
            assert!(page.contains(expected), "{expected}\n{page}");
        }
        assert!(pages.contains_key("bench/charts/build-time-of-all.svg"));
    }
}
