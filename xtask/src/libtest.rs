//! What Rust's test harness prints, in numbers.

/// Passed and failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    /// The names of those that failed.
    pub(crate) failures: Vec<String>,
}

impl Tally {
    /// Adds another tally.
    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }
}

/// Reads what `cargo test` prints, line by line: one test program after the other.
///
/// What a failed test printed is repeated by the harness, and may look like the harness's own lines.
/// So a line counts only where the harness writes it, and a result only if its numbers add up.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    tally: Tally,
    program: Option<Program>,
}

/// A test program that has begun, and has not told its result.
#[derive(Debug)]
struct Program {
    /// How many tests it has.
    tests: usize,
    /// Whether it is past its tests, and repeats what the failed ones printed.
    repeats: bool,
    failures: Vec<String>,
}

impl Reader {
    /// Reads all that was printed.
    pub(crate) fn read(text: &str) -> Tally {
        let mut reader = Reader::default();
        text.lines().for_each(|it| reader.line(it.trim_end()));
        reader.end()
    }

    /// Reads a line.
    fn line(&mut self, line: &str) {
        if let Some(tests) = begin(line)
            && self.program.as_ref().is_none_or(|it| !it.repeats)
        {
            self.broken_off();
            self.program = Some(Program { tests, repeats: false, failures: Vec::new() });
            return;
        }
        let Some(program) = &mut self.program else { return };
        if let Some((passed, failed)) = result(line, program.tests) {
            let failures = std::mem::take(&mut program.failures);
            self.tally.add(Tally { passed, failed, failures });
            self.program = None;
        } else if line == "failures:" {
            program.repeats = true;
        } else if !program.repeats
            && let Some(name) =
                line.strip_prefix("test ").and_then(|it| it.strip_suffix(" ... FAILED"))
        {
            program.failures.push(name.to_owned());
        }
    }

    /// What all lines come to.
    fn end(mut self) -> Tally {
        self.broken_off();
        self.tally
    }

    /// A program without a result has crashed. It counts as one failure.
    fn broken_off(&mut self) {
        if let Some(program) = self.program.take() {
            let tests = program.tests;
            let plural = if tests == 1 { "" } else { "s" };
            let name = format!("a program of {tests} test{plural} broke off (see above)");
            self.tally.add(Tally { passed: 0, failed: 1, failures: vec![name] });
        }
    }
}

/// `running 12 tests`
fn begin(line: &str) -> Option<usize> {
    let (tests, word) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(word, "test" | "tests").then(|| tests.parse().ok()).flatten()
}

/// Passed and failed, of
/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s`,
/// where they are about so many tests.
fn result(line: &str, tests: usize) -> Option<(usize, usize)> {
    let (verdict, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = counts.split("; ");
    let mut count = |word: &str| -> Option<usize> {
        counts.next()?.strip_suffix(word)?.strip_suffix(' ')?.parse().ok()
    };
    let (passed, failed) = (count("passed")?, count("failed")?);
    let (ignored, measured) = (count("ignored")?, count("measured")?);
    let adds_up = passed + failed + ignored + measured == tests;
    let fits = verdict == if failed == 0 { "ok" } else { "FAILED" };
    (adds_up && fits).then_some((passed, failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, passed: usize, failed: usize, failures: &[&str]) {
        let failures = failures.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(Reader::read(text), Tally { passed, failed, failures });
    }

    #[test]
    fn recorded_runs_are_counted() {
        // `cargo test --no-fail-fast` of a crate with every kind of test that there is.
        check(
            include_str!("libtest/every-kind.txt"),
            3,
            5,
            &[
                "bad",
                "panics - should panic",
                "a program of 1 test broke off (see above)",
                "not_fine",
                "src/lib.rs - (line 1)",
            ],
        );
    }

    #[test]
    fn lines_are_counted() {
        const OK: &str =
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 9 filtered out";
        check("", 0, 0, &[]);
        check("warning: unused", 0, 0, &[]);
        check(&format!("\nrunning 3 tests\ntest x ... ignored\n{OK}; finished in 0.1s"), 2, 0, &[]);
        check(&format!("running 3 tests\n{OK}\n\nrunning 3 tests\n{OK}"), 4, 0, &[]);
        // Without a program, or with numbers that do not add up, somebody else wrote it.
        check(OK, 0, 0, &[]);
        check(
            &format!("running 4 tests\n{OK}"),
            0,
            1,
            &["a program of 4 tests broke off (see above)"],
        );
        check(
            "running 1 test\ntest result: nonsense",
            0,
            1,
            &["a program of 1 test broke off (see above)"],
        );
    }
}
