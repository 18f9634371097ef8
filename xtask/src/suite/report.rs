//! The report of a run.

use std::{process::ExitStatus, time::Duration};

use super::job::{End, Ended};
use crate::libtest::{self, Printed, Tally};

/// The total of a run, and the lines for its end.
#[derive(Debug, Default)]
pub(crate) struct Report {
    tests: Tally,
    /// The number of test programs that have ended.
    programs: usize,
    pub(super) total: Tally,
    lines: Vec<String>,
    /// The commands that repeat a failure alone.
    again: Vec<String>,
    measured: Measured,
}

impl Report {
    /// Counts a test program that has ended.
    pub(crate) fn program(&mut self, name: &str, tally: Tally, stdout: &str, again: String) {
        stdout.lines().for_each(|it| self.measured.line(it.trim_end()));
        self.failed(name, &tally, again);
        self.programs += 1;
        self.tests.add(tally.clone());
        self.total.add(tally);
    }

    /// Counts a step that has ended.
    pub(crate) fn step(&mut self, name: &str, tally: Tally, took: Duration, again: String) {
        self.lines.push(summary(name, &tally, took.as_secs()));
        self.failed(name, &tally, again);
        self.total.add(tally);
    }

    /// Notes a step that cannot run on this machine.
    pub(crate) fn skipped(&mut self, name: &str, why: &str) {
        self.lines.push(format!("{name:<16} skipped: {why}"));
    }

    fn failed(&mut self, name: &str, tally: &Tally, again: String) {
        if tally.failed > 0 {
            let names = tally.failures.iter().map(|it| format!("failed: {name}: {it}"));
            self.again.extend(names);
            self.again.push(format!("  again: {again}"));
        }
    }

    /// Prints the report, and returns whether nothing failed. The last line is `N passed, N failed`.
    pub(crate) fn end(self, took: Duration) -> bool {
        say!("");
        self.measured.lines.iter().for_each(|it| say!("{it}"));
        say!("{} scenarios on whole systems", self.measured.scenarios);
        let programs = self.programs;
        say!("{} of {programs} programs", summary("tests", &self.tests, took.as_secs()));
        self.lines.iter().for_each(|it| say!("{it}"));
        self.again.iter().for_each(|it| say!("{it}"));
        say!("{} passed, {} failed", self.total.passed, self.total.failed);
        self.total.failed == 0
    }
}

/// The notes of tests, in addition to their results. Tests write these lines to stdout past the harness, which captures
/// the output of passing tests.
#[derive(Debug, Default, PartialEq, Eq)]
struct Measured {
    scenarios: usize,
    lines: Vec<String>,
}

impl Measured {
    fn line(&mut self, line: &str) {
        let line = libtest::own(line);
        if line.starts_with("scenario: ") {
            self.scenarios += 1;
        } else if line.starts_with("measured: ") {
            self.lines.push(line.to_owned());
        }
    }
}

/// The tally of a test program: its tests, of which it may have none. A program that failed without a failed test, or
/// that printed no result, counts as one failure.
pub(crate) fn of_program(ended: &Ended, printed: Printed) -> Tally {
    let Printed { tally, results } = printed;
    let mut tally = or_failed(ended, tally);
    if tally.failed == 0 && results == 0 {
        tally.add(Tally::failure("it exited without a result of its tests (see above)".to_owned()));
    }
    tally
}

/// The tally of a step: its tests. A step without tests, or one that ended early, counts as one.
pub(crate) fn of_step(ended: &Ended, tests: Tally) -> Tally {
    let mut tally = or_failed(ended, tests);
    if tally == Tally::default() {
        tally.passed = 1;
    }
    tally
}

fn or_failed(ended: &Ended, mut tally: Tally) -> Tally {
    if let Some(why) = problem(ended)
        && tally.failed == 0
    {
        tally.add(Tally::failure(why));
    }
    tally
}

/// The reason why a child failed.
pub(crate) fn problem(ended: &Ended) -> Option<String> {
    match ended.end {
        End::Exited(status) => failed(status),
        End::TooLong => {
            let minutes = ended.took.as_secs() / 60;
            Some(format!("it was ended after {minutes} minutes (see above)"))
        }
    }
}

fn failed(status: ExitStatus) -> Option<String> {
    (!status.success()).then(|| format!("{status} (see above)"))
}

fn summary(name: &str, tally: &Tally, seconds: u64) -> String {
    let outcome = if tally.failed == 0 { "ok" } else { "FAILED" };
    let Tally { passed, failed, .. } = tally;
    format!("{name:<16} {outcome:<7} {seconds:>4} s  {passed} passed, {failed} failed")
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn the_summary_repeats_the_measurements() {
        fn check(lines: &[&str], scenarios: usize, expected: &[&str]) {
            let mut measured = Measured::default();
            lines.iter().for_each(|it| measured.line(it));
            let lines = expected.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(measured, Measured { scenarios, lines });
        }
        check(&["running 2 tests", "test x ... ok"], 0, &[]);
        check(
            &["scenario: orders, 3 s", "measured: 335 ms", "scenario: queue, 2 s"],
            2,
            &["measured: 335 ms"],
        );
        check(
            &["test x ... measured: 335 ms", "ok", "test y ... scenario: orders, 3 s", "ok"],
            1,
            &["measured: 335 ms"],
        );
    }

    #[test]
    fn a_job_counts_even_where_no_test_ran() {
        #[track_caller]
        fn check(end: End, tests: (usize, usize), program: (usize, usize), step: (usize, usize)) {
            let tests = Tally { passed: tests.0, failed: tests.1, failures: Vec::new() };
            let (stdout, stderr) = (String::new(), String::new());
            let ended = Ended { end, took: Duration::from_secs(60), stdout, stderr };
            let tally = of_program(&ended, Printed { tally: tests.clone(), results: 1 });
            assert_eq!((tally.passed, tally.failed), program);
            let tally = of_step(&ended, tests);
            assert_eq!((tally.passed, tally.failed), step);
        }
        let (ok, bad) =
            (End::Exited(ExitStatus::from_raw(0)), End::Exited(ExitStatus::from_raw(101 << 8)));
        check(ok, (0, 0), (0, 0), (1, 0));
        check(bad, (0, 0), (0, 1), (0, 1));
        check(ok, (7, 0), (7, 0), (7, 0));
        check(bad, (7, 2), (7, 2), (7, 2));
        // It crashed after its last test.
        check(bad, (7, 0), (7, 1), (7, 1));
        check(End::TooLong, (7, 0), (7, 1), (7, 1));
    }

    #[test]
    fn a_program_without_a_result_has_failed() {
        let ended = Ended::of(End::Exited(ExitStatus::from_raw(0)), Duration::ZERO);
        let check = |stdout: &str, expected: (usize, usize)| {
            let tally = of_program(&ended, libtest::read(stdout));
            assert_eq!((tally.passed, tally.failed), expected, "{stdout}");
        };
        const NONE: &str = "0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        check("", (0, 1));
        check("running 1 test\n", (0, 1));
        check(&format!("test result: ok. 1 passed; {NONE}"), (0, 1));
        check(&format!("running 1 test\ntest result: ok. 1 passed; {NONE}"), (1, 0));
        check(&format!("running 0 tests\ntest result: ok. 0 passed; {NONE}"), (0, 0));
    }
}
