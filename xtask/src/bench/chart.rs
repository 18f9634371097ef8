//! Draws a table as a bar chart: each bar has its figure, and its multiple of the product's figure. The chart has its
//! own background and colours for light and dark themes.

use std::fmt::Write as _;

use super::report::{Row, Table};

/// The dimensions of a chart, in pixels.
const WIDTH: f64 = 760.0;
const LABELS: f64 = 250.0;
const FIGURES: f64 = 170.0;
const LINE: f64 = 26.0;
const BAR: f64 = 16.0;
const MARGIN: f64 = 16.0;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}.group{fill:#59636e}\
.ground{fill:#fff;stroke:#d1d9e0}.ours{fill:#1a7f37}.other{fill:#8c959f}.spread{stroke:#1f2328;stroke-width:1.5}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.group{fill:#9198a1}.ground{fill:#0d1117;stroke:#3d444d}\
.ours{fill:#3fb950}.other{fill:#6e7681}.spread{stroke:#e6edf3}}";

/// The chart as SVG.
pub(crate) fn svg(table: &Table) -> String {
    let mut lines = String::new();
    let mut y = MARGIN + 18.0;
    let title = escape(&table.title);
    let _ = writeln!(lines, r#"<text class="title" x="{MARGIN}" y="{y}">{title}</text>"#);
    y += 14.0;
    for (group, rows) in table.groups() {
        if !group.is_empty() {
            y += 18.0;
            let group = escape(group);
            let _ = writeln!(lines, r#"<text class="group" x="{MARGIN}" y="{y}">{group}</text>"#);
            y += 6.0;
        }
        let longest = rows.iter().map(|it| it.samples.max).fold(0.0, f64::max);
        for (at, row) in rows.iter().enumerate() {
            bar(
                &mut lines,
                table,
                row,
                &Scale { first: rows[0].samples.median, longest },
                at == 0,
                y,
            );
            y += LINE;
        }
    }
    let height = y + MARGIN - (LINE - BAR) / 2.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         role=\"img\" aria-label=\"{title}\">\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n{lines}</svg>\n",
        WIDTH - 1.0,
        height - 1.0,
    )
}

/// The scale of the bars of a group.
struct Scale {
    first: f64,
    longest: f64,
}

fn bar(lines: &mut String, table: &Table, row: &Row, scale: &Scale, first: bool, y: f64) {
    let room = WIDTH - LABELS - FIGURES - 2.0 * MARGIN;
    let length =
        |figure: f64| if scale.longest > 0.0 { room * figure / scale.longest } else { 0.0 };
    let (left, middle) = (MARGIN + LABELS, y + BAR / 2.0);
    // Every bar is visible, however short it is compared with the others.
    let width = length(row.samples.median).max(1.5);
    // The first bar is the product's, unless it is the floor that the product is compared with.
    let class = if first == table.floor { "other" } else { "ours" };
    let baseline = middle + 4.5;
    let label = escape(&row.label);
    let _ = writeln!(lines, r#"<text x="{MARGIN}" y="{baseline:.1}">{label}</text>"#);
    let _ = writeln!(
        lines,
        r#"<rect class="{class}" x="{left}" y="{y:.1}" width="{width:.1}" height="{BAR}" rx="2"/>"#
    );
    let (min, max) = (left + length(row.samples.min), left + length(row.samples.max));
    if max - min >= 1.0 {
        let _ = writeln!(
            lines,
            r#"<path class="spread" d="M{min:.1} {middle:.1}H{max:.1}"><title>{} to {}</title></path>"#,
            table.unit.tell(row.samples.min),
            table.unit.tell(row.samples.max)
        );
    }
    let x = (left + width).max(max) + 8.0;
    let figure = escape(&told(table, row, scale.first, first));
    let _ = writeln!(lines, r#"<text x="{x:.1}" y="{baseline:.1}">{figure}</text>"#);
}

/// A figure, and its multiple of the first figure.
fn told(table: &Table, row: &Row, to: f64, first: bool) -> String {
    let figure = table.unit.tell(row.samples.median);
    if first || to <= 0.0 {
        return figure;
    }
    format!("{figure}  ({})", super::report::Unit::Times.tell(row.samples.median / to))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::{Samples, Unit};

    #[test]
    fn a_chart_shows_figures_and_multiples() {
        let rows = [("infra-gen", 0.02), ("cdktn <0.24>", 0.8)];
        let rows = rows.map(|(label, figure)| Row::new(label, Samples::once(figure)));
        let picture = svg(&Table::new("Time & more", Unit::Seconds, rows.into()));
        for expected in ["Time &amp; more", "cdktn &lt;0.24&gt;", ">20 ms<", ">800 ms  (40 x)<"] {
            assert!(picture.contains(expected), "{expected}\n{picture}");
        }
        assert_eq!(picture.matches(r#"class="ours""#).count(), 1);
        assert!(picture.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn the_bar_of_the_product_has_another_class() {
        fn check(table: Table, expected: [&str; 2]) {
            let picture = svg(&table);
            let bars =
                picture.lines().filter_map(|it| it.strip_prefix("<rect class=\"")?.split_once('"'));
            let bars: Vec<_> = bars.map(|it| it.0).filter(|it| *it != "ground").collect();
            assert_eq!(bars, expected);
        }
        let table = || {
            let rows = ["a", "b"].map(|it| Row::new(it, Samples::once(1.0)));
            Table::new("t", Unit::Seconds, rows.into())
        };
        check(table(), ["ours", "other"]);
        check(table().over_floor(), ["other", "ours"]);
    }

    #[test]
    fn each_group_has_its_scale() {
        let row = |group: &str, figure| Row::new("a", Samples::once(figure)).within(group);
        let table = Table::new("t", Unit::Seconds, vec![row("one", 0.001), row("many", 80.0)]);
        let picture = svg(&table);
        let full = WIDTH - LABELS - FIGURES - 2.0 * MARGIN;
        assert_eq!(picture.matches(&format!(r#"width="{full:.1}""#)).count(), 2, "{picture}");
    }
}
