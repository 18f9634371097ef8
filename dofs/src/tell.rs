//! Output: results go to stdout, as text or JSON, and everything else goes to stderr.

use function_contract::time::Timestamp;
use std::time::SystemTime;

use comfy_table::{ContentArrangement, Table, presets::NOTHING};
use console::Term;
use contracts::domain::OrderStatus;
use runtime::moment::Moment;
use serde::Serialize;
use terminal::{self, harmless};

use crate::target::{Format, Target};

/// Prints a result in the chosen format.
///
/// # Errors
///
/// If stdout cannot be written to. A closed pipe is not an error.
pub(crate) fn tell(target: &Target, text: &str, json: &impl Serialize) -> anyhow::Result<()> {
    match target.format {
        Format::Text => out(text),
        Format::Json => out(&serde_json::to_string_pretty(json)?),
    }
}

/// Prints progress, only for people. Programs get one JSON document at the end.
pub(crate) fn tell_people(target: &Target, text: &str) -> anyhow::Result<()> {
    match target.format {
        Format::Text => out(text),
        Format::Json => Ok(()),
    }
}

/// Prints a warning or a note to stderr.
pub(crate) fn warn(text: &str) {
    terminal::stderr(text);
}

fn out(text: &str) -> anyhow::Result<()> {
    terminal::stdout(&format!("{text}\n"))
}

/// Formats a table without lines. On a terminal, long cells are wrapped to its width. Otherwise each row is one line, for the
/// next program.
pub(crate) fn columns<const N: usize>(
    header: Option<[&str; N]>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let width = Term::stdout().size_checked().map(|(_, width)| width);
    within(width, header, rows)
}

fn within<const N: usize>(
    width: Option<u16>,
    header: Option<[&str; N]>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    if let Some(header) = header {
        table.set_header(header);
    }
    for row in rows {
        // Text from a record must not look like another row.
        table.add_row(row.map(|cell| harmless(&cell.replace(['\n', '\t'], " ")).into_owned()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// Returns how long ago something was, in the largest fitting unit: `12 min ago`.
pub(crate) fn ago(then: &Timestamp, now: Moment) -> String {
    // Print a timestamp that cannot be parsed as it is.
    let Some(then) = Moment::parse(then) else { return then.to_string() };
    format!("{} ago", span(now.since(then).as_secs()))
}

/// Formats seconds in the largest fitting unit.
pub(crate) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Returns the time of this machine's clock. It is only printed, so a clock before 1970 does no harm.
pub(crate) fn now() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Moment::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Returns a status as the API and the tables write it.
pub(crate) fn word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Accepted => "ACCEPTED",
        OrderStatus::Processing => "PROCESSING",
        OrderStatus::Fulfilled => "FULFILLED",
        OrderStatus::Failed => "FAILED",
        OrderStatus::Rejected => "REJECTED",
    }
}

/// Formats milliseconds in a readable unit.
pub(crate) fn time(millis: f64) -> String {
    match millis {
        it if it < 1_000.0 => format!("{it:.0} ms"),
        it if it < 100_000.0 => format!("{:.2} s", it / 1_000.0),
        it => format!("{:.0} s", it / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_serialized_statuses() {
        fn check(status: OrderStatus) {
            assert_eq!(serde_json::to_value(status).unwrap(), word(status));
        }
        OrderStatus::ALL.iter().copied().for_each(check);
    }

    #[test]
    fn times_have_a_unit() {
        fn check(millis: f64, text: &str) {
            assert_eq!(time(millis), text);
        }
        check(0.0, "0 ms");
        check(41.6, "42 ms");
        check(1_234.0, "1.23 s");
        check(123_456.0, "123 s");
    }

    #[test]
    fn columns_line_up() {
        fn check(rows: &[[&str; 2]], expected: &str) {
            let rows = rows.iter().map(|row| row.map(str::to_owned));
            assert_eq!(within(None, Some(["a", "b"]), rows), expected);
        }
        check(&[["longer", "1"]], "a       b\nlonger  1");
        check(&[["x\ny", "1"]], "a    b\nx y  1");
    }

    #[test]
    fn a_table_fits_the_width_of_the_terminal() {
        let long = "why ".repeat(60);
        let rows = || [["0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3".to_owned(), long.clone()]];
        let table = within(Some(80), Some(["order", "reason"]), rows());
        assert!(table.lines().all(|it| it.chars().count() <= 80), "{table}");
        assert_eq!(table.matches("why").count(), 60, "{table}");
        assert_eq!(within(None, None, rows()).lines().count(), 1);
    }

    #[test]
    fn ages_have_the_largest_unit() {
        fn check(seconds: u64, expected: &str) {
            let then = Moment::from_millis(1_753_016_788_324);
            let now = then + std::time::Duration::from_secs(seconds);
            assert_eq!(ago(&then.timestamp(), now), expected);
        }
        check(0, "0 s ago");
        check(59, "59 s ago");
        check(60, "1 min ago");
        check(7_199, "1 h ago");
        check(86_400 * 12, "12 d ago");
    }
}
