//! The committed list of mistakes that nothing refuses.

use std::fmt;

use anyhow::bail;

use super::Mistake;

/// A mistake that nothing refuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    path: String,
    what: String,
    /// The text of the changed line. Its number would change with every edit above it.
    line: String,
    why: String,
}

/// The reason of a new row. It must be replaced by a true one.
const UNKNOWN: &str = "?";

impl Row {
    pub(crate) fn unexplained(mistake: &Mistake) -> Self {
        let Mistake { path, what, line, .. } = mistake;
        let why = UNKNOWN.to_owned();
        Row { path: path.clone(), what: what.clone(), line: line.clone(), why }
    }

    pub(crate) fn is(&self, mistake: &Mistake) -> bool {
        (&self.path, &self.what, &self.line) == (&mistake.path, &mistake.what, &mistake.line)
    }

    pub(crate) fn is_explained(&self) -> bool {
        self.why != UNKNOWN
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { path, what, line, why } = self;
        write!(f, "{path}: {what}\nline: {line}\nwhy: {why}\n")
    }
}

const HEAD: &str = "\
# Mistakes in the topology that nothing refuses: neither rustc nor a rule nor a test. Each has the reason why it cannot be
# refused. `cargo xtask mistakes --bless` writes this file, and keeps the reasons.
";

/// The text of the list.
pub(crate) fn text(rows: &[Row]) -> String {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort();
    rows.dedup();
    rows.into_iter().fold(HEAD.to_owned(), |text, row| format!("{text}\n{row}"))
}

/// Reads the list. Each row has three lines. Comments begin with `#`.
///
/// # Errors
///
/// If a row is not complete.
pub(crate) fn read(text: &str) -> anyhow::Result<Vec<Row>> {
    let lines = text.lines().filter(|it| !it.is_empty() && !it.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    let rows = lines.chunks(3).map(|lines| {
        let [mistake, line, why] = lines else { bail!("the list ends within a row: {lines:?}") };
        let parts = (mistake.split_once(": "), line.strip_prefix("line: "), why.strip_prefix("why: "));
        let (Some((path, what)), Some(line), Some(why)) = parts else {
            bail!("this is not a row: {lines:?}\n  fix: write `FILE: MISTAKE`, `line: …` and `why: …`, a line each");
        };
        let [path, what, line, why] = [path, what, line, why].map(str::to_owned);
        Ok(Row { path, what, line, why })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_as_it_is_written() {
        let row = |what: &str, why: &str| Row {
            path: "a.rs".to_owned(),
            what: what.to_owned(),
            line: "a(b, c)".to_owned(),
            why: why.to_owned(),
        };
        let rows = [
            row("swap b and c", "both are equal"),
            row("swap b: c and d", "they are equal: b is c"),
        ];
        assert_eq!(read(&text(&rows)).unwrap(), rows);
        for wrong in ["a.rs: b\nline: c\n", "a.rs: b\nline: c\nwhat: d\n", "b\nline: c\nwhy: d\n"] {
            read(wrong).unwrap_err();
        }
    }
}
