//! Telling people or programs: what was asked for on stdout, the rest on stderr.

use comfy_table::{Table, presets::NOTHING};
use contracts::domain::OrderStatus;
use infra_gen::terminal::{self, harmless};
use serde::Serialize;

use crate::target::{Format, Target};

/// Tells people or programs.
///
/// # Errors
///
/// Where stdout cannot be written to. Somebody who has read enough is no error.
pub(crate) fn tell(target: &Target, text: &str, json: &impl Serialize) -> anyhow::Result<()> {
    match target.format {
        Format::Text => out(text),
        Format::Json => out(&serde_json::to_string_pretty(json)?),
    }
}

/// Tells people what happens while it happens. Programs are told once, in the end.
pub(crate) fn tell_people(target: &Target, text: &str) -> anyhow::Result<()> {
    match target.format {
        Format::Text => out(text),
        Format::Json => Ok(()),
    }
}

/// Tells what nobody asked for, and somebody should know.
pub(crate) fn warn(text: &str) {
    terminal::stderr(text);
}

fn out(text: &str) -> anyhow::Result<()> {
    terminal::stdout(&format!("{text}\n"))
}

/// A table without lines, as wide as its contents.
pub(crate) fn columns<const N: usize>(
    header: Option<[&str; N]>,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if let Some(header) = header {
        table.set_header(header);
    }
    for row in rows {
        // A record's text is its writer's: no line of it may look like another row.
        table.add_row(row.map(|cell| harmless(&cell.replace(['\n', '\t'], " ")).into_owned()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

/// A status as the API and the tables write it.
pub(crate) fn word(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Accepted => "ACCEPTED",
        OrderStatus::Processing => "PROCESSING",
        OrderStatus::Fulfilled => "FULFILLED",
        OrderStatus::Failed => "FAILED",
        OrderStatus::Rejected => "REJECTED",
    }
}

/// So many milliseconds, in the unit that people would take.
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
    fn words_are_those_of_the_wire() {
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
            assert_eq!(columns(Some(["a", "b"]), rows), expected);
        }
        check(&[["longer", "1"]], "a       b\nlonger  1");
        check(&[["x\ny", "1"]], "a    b\nx y  1");
    }
}
