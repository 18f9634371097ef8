//! Runs commands, and measures the costs of each run. Subjects take turns, round by round, so that other work of the
//! machine affects all of them equally.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

use super::report::{Row, Samples, Table, Unit};
use crate::workspace::{Workspace, said};

/// The costs of one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cost {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of processors, in the program and in the kernel for it, with all it waited for.
    pub(crate) cpu: f64,
    /// The most bytes of memory that one of its processes held.
    pub(crate) peak: f64,
    /// Its output.
    pub(crate) stdout: String,
}

/// Builds what measures a run.
pub(crate) fn prepare(workspace: &Workspace) -> anyhow::Result<()> {
    let mut cargo = processes::cargo::command();
    cargo.current_dir(&workspace.root);
    cargo.args(["build", "--locked", "--package", "xtask", "--example", "cost"]);
    said(cargo).map(drop)
}

/// The program that measures a run. It is in the folder of this program, or of this test's target.
fn meter() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("the path of this program is not known")?;
    let folders = own.ancestors().skip(1).take(2);
    folders.map(|it| it.join("examples/cost")).find(|it| it.exists()).with_context(|| {
        format!(
            "there is no examples/cost next to {}\n  fix: cargo build -p xtask --example cost",
            own.display()
        )
    })
}

/// Runs a command to its end. A command that fails is an error, with its output.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<Cost> {
    // Files, because a pipe that is not read would block the command, and reading one costs time.
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let cost = tempfile::NamedTempFile::new()?;
    let mut meter = Command::new(meter()?);
    meter.arg(cost.path()).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => meter.env(name, value),
            None => meter.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        meter.current_dir(folder);
    }
    meter.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
    let status = meter.status().with_context(|| format!("{meter:?} cannot be started"))?;
    let stdout = text(&mut stdout)?;
    if !status.success() {
        bail!("{command:?} failed ({status})\n{stdout}{}", text(&mut stderr)?.trim_end());
    }
    let line = fs_err::read_to_string(cost.path())?;
    let figures: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse).collect();
    let [wall, cpu, peak] = figures.context("a cost is not a number")?[..] else {
        bail!("the program that measures a run printed {line:?}, not three numbers");
    };
    Ok(Cost { wall, cpu, peak, stdout })
}

/// Returns the content of a file.
pub(super) fn text(file: &mut File) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A subject: the preparation before each run, and the run.
pub(crate) struct Subject<'a> {
    pub(crate) label: String,
    prepare: Box<dyn Fn() -> anyhow::Result<()> + 'a>,
    command: Box<dyn Fn() -> anyhow::Result<Command> + 'a>,
    /// How often it runs in a round. A run of milliseconds needs more repetitions than one of minutes.
    times: usize,
}

impl<'a> Subject<'a> {
    pub(crate) fn new(label: impl Into<String>, command: impl Fn() -> Command + 'a) -> Self {
        Subject::trying(label, move || Ok(command()))
    }

    /// A subject whose command may fail to be created.
    pub(crate) fn trying(
        label: impl Into<String>,
        command: impl Fn() -> anyhow::Result<Command> + 'a,
    ) -> Self {
        let (label, command) = (label.into(), Box::new(command));
        Subject { label, prepare: Box::new(|| Ok(())), command, times: 1 }
    }

    /// The work before each run. It is not measured.
    pub(crate) fn prepared(mut self, by: impl Fn() -> anyhow::Result<()> + 'a) -> Self {
        self.prepare = Box::new(by);
        self
    }

    /// How many runs each round has.
    pub(crate) fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    fn run(&self) -> anyhow::Result<Cost> {
        (self.prepare)().with_context(|| format!("{} cannot be prepared", self.label))?;
        run(&mut (self.command)()?).with_context(|| self.label.clone())
    }
}

/// The costs of all runs of a subject.
#[derive(Debug, Clone)]
pub(crate) struct Costs {
    pub(crate) label: String,
    runs: Vec<Cost>,
}

impl Costs {
    pub(crate) fn wall(&self) -> Samples {
        self.samples(|it| it.wall)
    }

    pub(crate) fn cpu(&self) -> Samples {
        self.samples(|it| it.cpu)
    }

    pub(crate) fn peak(&self) -> Samples {
        self.samples(|it| it.peak)
    }

    /// The same costs with another label, for a table with another comparison.
    pub(crate) fn named(&self, label: &str) -> Costs {
        Costs { label: label.to_owned(), runs: self.runs.clone() }
    }

    /// Returns the output of the last run.
    pub(crate) fn stdout(&self) -> &str {
        self.runs.last().map_or("", |it| &it.stdout)
    }

    fn samples(&self, of: impl Fn(&Cost) -> f64) -> Samples {
        let figures: Vec<f64> = self.runs.iter().map(of).collect();
        // The median needs at least one run, and `rounds` runs each subject at least once.
        Samples::of(&figures).unwrap_or(Samples::once(f64::NAN))
    }
}

/// Whether there is a run before the first that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Warmup {
    /// Each subject runs once before: files are in the page cache then, for all of them.
    Once,
    /// No run before: a run takes so long that one more would cost too much time.
    None,
}

/// Runs all subjects in turns: A B A B.
pub(crate) fn rounds(
    subjects: &[Subject<'_>],
    rounds: usize,
    warmup: Warmup,
) -> anyhow::Result<Vec<Costs>> {
    if warmup == Warmup::Once {
        for subject in subjects {
            subject.run()?;
        }
    }
    let none = |it: &Subject<'_>| Costs { label: it.label.clone(), runs: Vec::new() };
    let mut all: Vec<Costs> = subjects.iter().map(none).collect();
    for _ in 0..rounds.max(1) {
        for (subject, costs) in subjects.iter().zip(&mut all) {
            for _ in 0..subject.times.max(1) {
                costs.runs.push(subject.run()?);
            }
        }
    }
    Ok(all)
}

/// The three tables of costs: wall-clock time, processor time, and memory.
pub(crate) fn tables(title: &str, all: &[&Costs]) -> [Table; 3] {
    let rows = |of: fn(&Costs) -> Samples| {
        all.iter().map(|it| Row::new(it.label.clone(), of(it))).collect()
    };
    [
        Table::new(format!("{title}: time"), Unit::Seconds, rows(Costs::wall)),
        Table::new(format!("{title}: processor time"), Unit::Seconds, rows(Costs::cpu)),
        Table::new(format!("{title}: peak memory"), Unit::Bytes, rows(Costs::peak)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_run_is_measured() {
        let idle = run(&mut shell("sleep 0.2; echo done")).unwrap();
        assert!(idle.wall >= 0.2, "{idle:?}");
        assert!(idle.cpu < idle.wall, "{idle:?}");
        assert_eq!(idle.stdout, "done\n");
        // 64 MB more, held by a process below the one that was started.
        let large = "head -c 64000000 /dev/zero | tail -c 64000000 > /dev/null";
        let large = run(&mut shell(large)).unwrap();
        assert!(large.peak >= 64e6, "{large:?}");
        // This program's own memory is not counted in.
        assert!(idle.peak < 6e6, "{idle:?}");
    }

    #[test]
    fn a_failed_command_is_an_error_with_its_output() {
        let err = run(&mut shell("echo broken >&2; exit 3")).unwrap_err().to_string();
        assert!(err.contains("exit status: 3") && err.ends_with("broken"), "{err}");
    }

    #[test]
    fn subjects_take_turns() {
        fn check(warmup: Warmup, expected: &str) {
            let folder = tempfile::tempdir().unwrap();
            let log = folder.path().join("log");
            let subject = |name: &'static str| {
                let log = log.display().to_string();
                Subject::new(name, move || shell(&format!("printf {name} >> {log}")))
            };
            let subjects = [subject("A"), subject("B").times(2)];
            let costs = rounds(&subjects, 2, warmup).unwrap();
            assert_eq!(fs_err::read_to_string(&log).unwrap(), expected);
            assert_eq!(costs.iter().map(|it| it.wall().count).collect::<Vec<_>>(), [2, 4]);
        }
        check(Warmup::None, "ABBABB");
        check(Warmup::Once, "ABABBABB");
    }
}
