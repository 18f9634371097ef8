//! Counts ended jobs in the report.

use std::time::Duration;

use super::{
    super::{
        build,
        job::Ended,
        report::{of_program, of_step, problem},
    },
    Run, Work,
};
use crate::libtest::{self, Failure, Tally};

impl Run {
    /// Counts the last build, and the messages of all builds that the suite could not read.
    pub(super) fn count_the_build(&mut self, ended: &Ended, words: &[&str]) {
        let mut problems = std::mem::take(&mut self.problems);
        if problem(ended).is_none() {
            problems.extend(build::missing(&self.workspace.packages, &self.built));
        }
        let failures: Vec<Failure> = problems.into_iter().map(Failure::Other).collect();
        let tally = of_step(ended, Tally { passed: 0, failed: failures.len(), failures });
        self.report.step("build", tally, ended.took, format!("cargo {}", words.join(" ")));
    }

    /// Prints the whole output of a job, and counts it.
    pub(super) fn tell(&mut self, work: &Work, ended: &Ended) {
        let name = work.name();
        let outcome = problem(ended).unwrap_or_else(|| "ok".to_owned());
        let took = ended.took.as_secs();
        say!("\n== {name}: {outcome}, {took} s\n{}{}", ended.stderr, ended.stdout);
        let tally = match work {
            Work::Program(program) => {
                let tally = of_program(ended, libtest::read(&ended.stdout));
                let again = program.id.again(&tally.failed_tests());
                self.report.program(&name, tally.clone(), &ended.stdout, again);
                tally
            }
            Work::Step(step) => {
                let tally = of_step(ended, step.counted(&ended.stdout));
                self.report.step(&name, tally.clone(), ended.took, step.again());
                tally
            }
        };
        if tally.failed == 0 {
            self.times.took(name, ended.took);
        }
    }

    /// Counts a job that could not be started or watched as one failure.
    pub(super) fn broke(&mut self, work: &Work, err: &anyhow::Error) {
        let name = work.name();
        say!("\n== {name}: {err:#}");
        let tally = Tally::failure(format!("{err:#}"));
        match work {
            Work::Program(program) => self.report.program(&name, tally, "", program.id.again(&[])),
            Work::Step(step) => self.report.step(&name, tally, Duration::ZERO, step.again()),
        }
    }
}
