//! The results of the benchmarks, as stored in `bench/results.json`. The page, the charts and the lines on the terminal
//! follow from them alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// All parts, by their names.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) parts: BTreeMap<String, Part>,
}

/// The results of one part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// The description of the measurement, in one sentence.
    pub(crate) what: String,
    /// The figures that matter most, in a sentence: `docs/performance.md` quotes it.
    pub(crate) headline: String,
    /// The commit, and whether the working tree had changes.
    pub(crate) measured_at: String,
    /// Whether few rounds were run. Such a run only proves that the measurement works.
    pub(crate) quick: bool,
    pub(crate) machine: Machine,
    /// The measured programs and the tools: a name, and its version.
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) tables: Vec<Table>,
    pub(crate) bounds: Vec<Bound>,
    /// Notes that a reader needs to understand the figures.
    pub(crate) notes: Vec<String>,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory: String,
    pub(crate) system: String,
}

/// Figures that are compared in one chart. The first row of each group is the product, and the others are shown as a
/// multiple of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) unit: Unit,
    /// Whether the first row is not the product, but a lower limit that the product is compared with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) floor: bool,
    pub(crate) rows: Vec<Row>,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Rows are compared within their group, and each group has a scale of its own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) group: String,
    pub(crate) label: String,
    pub(crate) samples: Samples,
}

/// The result of several rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Samples {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) count: usize,
}

/// The unit of a figure. Figures are stored in base units, and printed in the unit that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Unit {
    Seconds,
    Bytes,
    Instructions,
    Count,
    PerSecond,
    /// A ratio of two figures of the same unit.
    Times,
}

/// A bound of a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bound {
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) sense: Sense,
    pub(crate) limit: f64,
    pub(crate) unit: Unit,
    /// The findings of the profile, if the bound is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<String>,
}

/// Whether a bound is an upper or a lower limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sense {
    AtLeast,
    AtMost,
}

impl Samples {
    /// Returns the samples of figures in any order, or `None` without a figure.
    pub(crate) fn of(figures: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = figures.iter().map(|it| rounded(*it)).collect();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let (upper, count) = (sorted.len() / 2, sorted.len());
        let median = match count % 2 {
            0 => rounded(f64::midpoint(sorted[upper - 1], sorted[upper])),
            _ => sorted[upper],
        };
        Some(Samples { median, min, max, count })
    }

    /// Returns the samples of a figure that does not vary, such as a size.
    pub(crate) fn once(figure: f64) -> Self {
        let figure = rounded(figure);
        Samples { median: figure, min: figure, max: figure, count: 1 }
    }
}

impl Row {
    pub(crate) fn new(label: impl Into<String>, samples: Samples) -> Self {
        Row { group: String::new(), label: label.into(), samples }
    }

    /// Puts the row into a group.
    pub(crate) fn within(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }
}

impl Table {
    /// Returns the rows by group, in the order in which the groups appear.
    pub(crate) fn groups(&self) -> Vec<(&str, Vec<&Row>)> {
        let mut groups: Vec<(&str, Vec<&Row>)> = Vec::new();
        for row in &self.rows {
            match groups.iter_mut().find(|(name, _)| *name == row.group) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((&row.group, vec![row])),
            }
        }
        groups
    }

    pub(crate) fn new(title: impl Into<String>, unit: Unit, rows: Vec<Row>) -> Self {
        Table { title: title.into(), unit, floor: false, rows }
    }

    /// Marks the first row of each group as a floor, and the others as the product's.
    pub(crate) fn over_floor(mut self) -> Self {
        self.floor = true;
        self
    }
}

impl Bound {
    pub(crate) fn at_least(what: impl Into<String>, value: f64, limit: f64, unit: Unit) -> Self {
        Bound::new(what, value, Sense::AtLeast, limit, unit)
    }

    pub(crate) fn at_most(what: impl Into<String>, value: f64, limit: f64, unit: Unit) -> Self {
        Bound::new(what, value, Sense::AtMost, limit, unit)
    }

    fn new(what: impl Into<String>, value: f64, sense: Sense, limit: f64, unit: Unit) -> Self {
        let (what, value, limit) = (what.into(), rounded(value), rounded(limit));
        Bound { what, value, sense, limit, unit, profile: None }
    }

    /// Adds the findings of the profile, which explain a bound that is not kept.
    pub(crate) fn profile(mut self, profile: impl Into<String>) -> Self {
        self.profile = (!self.kept()).then(|| profile.into());
        self
    }

    pub(crate) fn kept(&self) -> bool {
        match self.sense {
            Sense::AtLeast => self.value >= self.limit,
            Sense::AtMost => self.value <= self.limit,
        }
    }
}

/// Rounds to six digits. Further digits are noise.
fn rounded(figure: f64) -> f64 {
    format!("{figure:.5e}").parse().unwrap_or(figure)
}

impl Unit {
    /// Prints a figure with three digits, in the unit that fits.
    pub(crate) fn tell(self, figure: f64) -> String {
        match self {
            Unit::Seconds if figure < 1e-3 => format!("{} µs", digits(figure * 1e6)),
            Unit::Seconds if figure < 1.0 => format!("{} ms", digits(figure * 1e3)),
            Unit::Seconds => format!("{} s", digits(figure)),
            Unit::Bytes if figure < 1e3 => format!("{} B", digits(figure)),
            Unit::Bytes if figure < 1e6 => format!("{} kB", digits(figure / 1e3)),
            Unit::Bytes if figure < 1e9 => format!("{} MB", digits(figure / 1e6)),
            Unit::Bytes => format!("{} GB", digits(figure / 1e9)),
            Unit::Instructions if figure < 1e9 => format!("{} M", digits(figure / 1e6)),
            Unit::Instructions => format!("{} G", digits(figure / 1e9)),
            Unit::Count => digits(figure),
            Unit::PerSecond => format!("{} /s", digits(figure)),
            Unit::Times => format!("{} x", digits(figure)),
        }
    }
}

/// Three digits, or all digits to the left of the decimal point if there are more.
fn digits(figure: f64) -> String {
    let size = figure.abs();
    let decimals = match size {
        _ if size >= 100.0 || size.fract() == 0.0 => 0,
        _ if size >= 10.0 => 1,
        _ => 2,
    };
    let plain = format!("{size:.decimals$}");
    let (before, after) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut grouped = String::new();
    for (at, digit) in before.chars().enumerate() {
        if at > 0 && (before.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if figure < 0.0 { "-" } else { "" };
    let point = if after.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_give_a_median() {
        fn check(figures: &[f64], expected: Option<(f64, f64, f64)>) {
            let samples = Samples::of(figures).map(|it| (it.median, it.min, it.max));
            assert_eq!(samples, expected);
        }
        check(&[], None);
        check(&[2.0], Some((2.0, 2.0, 2.0)));
        check(&[3.0, 1.0, 2.0], Some((2.0, 1.0, 3.0)));
        check(&[4.0, 1.0, 2.0, 3.0], Some((2.5, 1.0, 4.0)));
        check(&[0.123_456_789], Some((0.123_457, 0.123_457, 0.123_457)));
    }

    #[test]
    fn a_bound_is_an_upper_or_a_lower_limit() {
        fn check(bound: &Bound, kept: bool) {
            assert_eq!(bound.kept(), kept, "{bound:?}");
            assert_eq!(bound.profile.is_none(), kept, "only a missed bound has a profile");
        }
        check(&Bound::at_least("a", 40.0, 40.0, Unit::Times).profile("p"), true);
        check(&Bound::at_least("a", 39.9, 40.0, Unit::Times).profile("p"), false);
        check(&Bound::at_most("a", 4.0, 4.0, Unit::Seconds).profile("p"), true);
        check(&Bound::at_most("a", 4.1, 4.0, Unit::Seconds).profile("p"), false);
    }

    #[test]
    fn figures_are_printed_in_a_fitting_unit() {
        fn check(unit: Unit, figure: f64, expected: &str) {
            assert_eq!(unit.tell(figure), expected);
        }
        check(Unit::Seconds, 0.000_021, "21 µs");
        check(Unit::Seconds, 0.012_34, "12.3 ms");
        check(Unit::Seconds, 79.04, "79.0 s");
        check(Unit::Bytes, 512.0, "512 B");
        check(Unit::Bytes, 4_216_000.0, "4.22 MB");
        check(Unit::Bytes, 1_528e6, "1.53 GB");
        check(Unit::Instructions, 81_234_567.0, "81.2 M");
        check(Unit::Count, 80_123.0, "80,123");
        check(Unit::Times, 0.25, "0.25 x");
        check(Unit::Times, 118.4, "118 x");
    }
}
