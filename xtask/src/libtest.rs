//! Reads the output of Rust's test harness.

use std::fmt;

/// The numbers of passed and failed tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) failures: Vec<Failure>,
}

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A test, by its name in the harness.
    Test(String),
    /// Another failure, as a text.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Failure::Test(text) | Failure::Other(text)) = self;
        f.write_str(text)
    }
}

impl Tally {
    /// One failure that is not a test.
    pub(crate) fn failure(why: String) -> Self {
        Tally { passed: 0, failed: 1, failures: vec![Failure::Other(why)] }
    }

    /// Adds another tally.
    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }

    /// The names of all failed tests. `None` if there is a failure that is not a test, or a test without a name.
    pub(crate) fn failed_tests(&self) -> Vec<&str> {
        let names = self.failures.iter().map(|it| match it {
            Failure::Test(name) => Some(name.as_str()),
            Failure::Other(_) => None,
        });
        let names: Option<Vec<&str>> = names.collect();
        names.filter(|it| it.len() == self.failed).unwrap_or_default()
    }
}

/// The counts in an output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Printed {
    pub(crate) tally: Tally,
    /// The number of test programs that printed a result of all their tests.
    pub(crate) results: usize,
}

/// Reads the output of `cargo test` line by line, one test program after another.
///
/// The harness repeats what a failed test printed, which may look like lines of the harness itself. So a line counts
/// only at a place where the harness writes it, and a result counts only if its numbers add up.
#[derive(Debug, Default)]
struct Reader {
    printed: Printed,
    program: Option<Program>,
}

/// A test program that has begun, and has not printed its result yet.
#[derive(Debug)]
struct Program {
    /// The number of its tests.
    tests: usize,
    /// Whether its tests are done, and the harness repeats the output of failed tests.
    repeats: bool,
    /// The names below the last `failures:`. Earlier lines do not have every name: with one test thread, the name and
    /// the result are on two lines if the test writes to stdout past the harness.
    failures: Vec<String>,
}

/// Reads a whole output.
pub(crate) fn read(text: &str) -> Printed {
    let mut reader = Reader::default();
    text.lines().for_each(|it| reader.line(it.trim_end()));
    reader.broken_off();
    reader.printed
}

/// The part of a line that a test wrote. The line may begin with the harness's own text: `test name ... `.
pub(crate) fn own(line: &str) -> &str {
    let behind = line.strip_prefix("test ").and_then(|it| it.split_once(" ... "));
    behind.map_or(line, |(_, rest)| rest)
}

impl Reader {
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
            let failures = failures.into_iter().map(Failure::Test).collect();
            self.printed.tally.add(Tally { passed, failed, failures });
            self.printed.results += 1;
            self.program = None;
        } else if line == "failures:" {
            program.repeats = true;
            program.failures.clear();
        } else if program.repeats
            && let Some(name) = line.strip_prefix("    ")
        {
            program.failures.push(name.to_owned());
        }
    }

    /// Counts a program without a result as one failure, because it has crashed.
    fn broken_off(&mut self) {
        if let Some(program) = self.program.take() {
            let tests = program.tests;
            let plural = if tests == 1 { "" } else { "s" };
            let why = format!("a program of {tests} test{plural} broke off (see above)");
            self.printed.tally.add(Tally::failure(why));
        }
    }
}

/// `running 12 tests`
fn begin(line: &str) -> Option<usize> {
    let (tests, word) = line.strip_prefix("running ")?.split_once(' ')?;
    matches!(word, "test" | "tests").then(|| tests.parse().ok()).flatten()
}

/// The numbers of passed and failed tests in
/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.1s`,
/// if they add up to this number of tests.
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
        let tally = read(text).tally;
        let names: Vec<String> = tally.failures.iter().map(Failure::to_string).collect();
        assert_eq!((tally.passed, tally.failed), (passed, failed));
        assert_eq!(names, failures);
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
                "panics",
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
        // Without a program, or with numbers that do not add up, the line is not from the test harness.
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

    /// With one test thread, what a test writes past the harness is on the line of its name.
    #[test]
    fn names_are_those_of_the_last_list() {
        const TEXT: &str = "running 3 tests
test a ... measured: 3 ms
FAILED
test b ... FAILED
test c ... scenario: orders
ok

failures:

---- a stdout ----
failures:
    no_test

---- b stdout ----
test result: ok. 50 passed; 0 failed

failures:
    a
    b

test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";
        check(TEXT, 1, 2, &["a", "b"]);
        let written = |line: &str| TEXT.lines().any(|it| own(it) == line);
        assert!(written("measured: 3 ms") && written("scenario: orders"));
        assert_eq!(own("measured: 3 ... 4 ms"), "measured: 3 ... 4 ms");
    }

    #[test]
    fn a_program_is_repeated_whole_where_no_test_can_be_named() {
        let tally =
            |failed, failures: &[Failure]| Tally { passed: 0, failed, failures: failures.to_vec() };
        let (a, b) = (Failure::Test("a".to_owned()), Failure::Test("b".to_owned()));
        let other = Failure::Other("a program of 5 tests broke off (see above)".to_owned());
        assert_eq!(tally(2, &[a.clone(), b]).failed_tests(), ["a", "b"]);
        assert!(tally(2, &[a.clone(), other]).failed_tests().is_empty());
        // One has no name.
        assert!(tally(2, &[a]).failed_tests().is_empty());
    }

    #[test]
    fn only_a_whole_result_is_one() {
        assert_eq!(read(include_str!("libtest/every-kind.txt")).results, 4);
        assert_eq!(read("").results, 0);
        assert_eq!(read("running 0 tests\n").results, 0);
        let none = "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(read(none), Printed { tally: Tally::default(), results: 1 });
    }
}
