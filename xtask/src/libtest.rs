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
    /// Counts one line of a harness's output: `test result: …`, or `test name ... FAILED`.
    pub(crate) fn count(&mut self, line: &str) {
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += number(result, " passed");
            self.failed += number(result, " failed");
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|it| it.strip_suffix(" ... FAILED"))
        {
            self.failures.push(name.to_owned());
        }
    }

    /// Adds another tally.
    pub(crate) fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }
}

/// The number in front of a word: `ok. 12 passed; 0 failed; …`.
fn number(result: &str, word: &str) -> usize {
    let Some(before) = result.split(word).next().filter(|it| it.len() < result.len()) else {
        return 0;
    };
    before.rsplit(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted() {
        fn check(lines: &[&str], passed: usize, failed: usize, failures: &[&str]) {
            let mut tally = Tally::default();
            lines.iter().for_each(|it| tally.count(it));
            let failures = failures.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(tally, Tally { passed, failed, failures });
        }
        check(
            &["test result: ok. 47 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out"],
            47,
            0,
            &[],
        );
        check(
            &[
                "test a::b ... ok",
                "test a::c ... FAILED",
                "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
                "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
            ],
            4,
            1,
            &["a::c"],
        );
        check(&["", "test result: nonsense", "warning: unused", "test x ... ignored"], 0, 0, &[]);
    }
}
