//! The list of mutants that change nothing.

use std::fmt;

use anyhow::bail;

use super::run::Mutant;

/// A mutant that no test can notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survivor {
    file: String,
    /// The change, as cargo-mutants describes it.
    what: String,
    /// The text of the changed line. Its number would change with every edit above it.
    line: String,
    why: String,
}

impl Survivor {
    pub(crate) fn is(&self, mutant: &Mutant) -> bool {
        self.file == mutant.file && self.line == mutant.line && self.what == mutant.what()
    }
}

impl fmt::Display for Survivor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} in `{}`", self.file, self.what, self.line)
    }
}

/// The committed list.
pub(crate) fn listed() -> anyhow::Result<Vec<Survivor>> {
    read(include_str!("survivors.txt"))
}

/// Reads the list. Each entry has three lines: the mutant, `line: …` and `why: …`. Comments begin with `#`.
pub(super) fn read(text: &str) -> anyhow::Result<Vec<Survivor>> {
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    let mut all = Vec::<Survivor>::new();
    for lines in lines.chunks(3) {
        let [mutant, line, why] = lines else {
            bail!("survivors.txt ends within an entry: {lines:?}");
        };
        let parts =
            (mutant.split_once(": "), line.strip_prefix("line: "), why.strip_prefix("why: "));
        let (Some((file, what)), Some(line), Some(why)) = parts else {
            bail!(
                "survivors.txt has an entry that is none: {lines:?}\n  \
                 fix: write `FILE: WHAT`, `line: …` and `why: …`, a line each"
            );
        };
        let [file, what, line, why] = [file, what, line, why].map(str::to_owned);
        let survivor = Survivor { file, what, line, why };
        if all.iter().any(|it| it.to_string() == survivor.to_string()) {
            bail!("survivors.txt has it twice: {survivor}");
        }
        all.push(survivor);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_list_has_a_reason_each() {
        for survivor in listed().unwrap() {
            assert!(survivor.why.len() > 15, "{survivor}: {}", survivor.why);
        }
    }

    #[test]
    fn a_list_that_is_none_is_refused() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let err = read(text).unwrap_err().to_string();
            assert!(err.contains(expected), "{err}");
        }
        assert_eq!(read("# nothing\n\n").unwrap(), []);
        check("a.rs: x\nline: y\n", "ends within an entry");
        check("a.rs: x\nwhy: y\nline: z\n", "an entry that is none");
        check("a.rs: x\nline: y\nwhy: z\n\na.rs: x\nline: y\nwhy: z\n", "twice: a.rs: x in `y`");
    }
}
