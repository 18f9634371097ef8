//! The tables of a part: figures of the same subjects are in one table, with a column for each figure.

use std::fmt::Write as _;

use crate::bench::report::{Row, Table, Unit};

/// Writes all tables.
pub(super) fn write(page: &mut String, tables: &[Table]) {
    let mut rest = tables;
    while let Some(first) = rest.first() {
        let alike = rest.iter().take_while(|it| names(it).eq(names(first))).count();
        // The first table has the same rows as itself.
        let (columns, others) = rest.split_at(alike.max(1));
        together(page, columns);
        rest = others;
    }
}

/// The subjects of the rows.
fn names(table: &Table) -> impl Iterator<Item = (&str, &str)> {
    table.rows.iter().map(|it| (&*it.group, &*it.label))
}

/// Tables with the same rows, which are printed as one.
fn together(page: &mut String, tables: &[Table]) {
    // `One environment: time` and `One environment: peak memory` share what is before the colon.
    let split = |table: &Table| {
        let (before, after) = table.title.split_once(": ")?;
        Some((before.to_owned(), after.to_owned()))
    };
    let parts: Option<Vec<_>> = tables.iter().map(split).collect();
    let shared = parts.filter(|it| it.iter().all(|part| part.0 == it[0].0));
    let (title, columns): (String, Vec<String>) = match shared {
        Some(parts) => (parts[0].0.clone(), parts.into_iter().map(|it| it.1).collect()),
        None => (String::new(), tables.iter().map(|it| it.title.clone()).collect()),
    };
    let _ = writeln!(page, "\n| {title} | {} |", columns.join(" | "));
    let _ = writeln!(page, "|---|{}", "---:|".repeat(columns.len()));
    let Some(first) = tables.first() else { return };
    for (at, row) in first.rows.iter().enumerate() {
        let Row { group, label, .. } = row;
        let label = match group.as_str() {
            "" => label.clone(),
            _ => format!("{group}: {label}"),
        };
        let cells: Vec<String> = tables.iter().map(|it| cell(it, at)).collect();
        let _ = writeln!(page, "| {label} | {} |", cells.join(" | "));
    }
}

/// Returns a figure with its multiple of the first one in its group.
fn cell(table: &Table, at: usize) -> String {
    let row = &table.rows[at];
    let told = table.unit.tell(row.samples.median);
    match table.rows.iter().position(|it| it.group == row.group) {
        Some(first) if first != at => {
            let ratio = row.samples.median / table.rows[first].samples.median;
            format!("{told}, {}", Unit::Times.tell(ratio))
        }
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::report::Samples;

    fn table(title: &str, unit: Unit, rows: &[(&str, &str, f64)]) -> Table {
        let row = |&(group, label, figure): &(&str, &str, f64)| {
            Row::new(label, Samples::once(figure)).within(group)
        };
        Table::new(title, unit, rows.iter().map(row).collect())
    }

    #[test]
    fn tables_with_the_same_rows_become_columns() {
        #[track_caller]
        fn check(tables: &[Table], expected: &str) {
            let mut page = String::new();
            write(&mut page, tables);
            assert_eq!(page, expected);
        }
        let time = table("One: time", Unit::Seconds, &[("", "ours", 0.5), ("", "theirs", 5.0)]);
        let memory = table("One: memory", Unit::Bytes, &[("", "ours", 1e6), ("", "theirs", 3e6)]);
        let other = table("Zip", Unit::Bytes, &[("a", "ours", 2e6)]);
        check(
            &[time.clone(), memory.clone(), other.clone()],
            "\n| One | time | memory |\n|---|---:|---:|\n| ours | 500 ms | 1 MB |\n| theirs | 5 s, 10 x | 3 MB, 3 x |\n\
             \n|  | Zip |\n|---|---:|\n| a: ours | 2 MB |\n",
        );
        let start = table("Start", Unit::Seconds, &[("a", "ours", 1.0), ("b", "ours", 2.0)]);
        let end = table("End", Unit::Seconds, &[("a", "ours", 3.0), ("b", "ours", 4.0)]);
        check(
            &[start, end],
            "\n|  | Start | End |\n|---|---:|---:|\n| a: ours | 1 s | 3 s |\n| b: ours | 2 s | 4 s |\n",
        );
        check(&[], "");
    }
}
