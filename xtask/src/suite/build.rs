//! Builds everything: cargo reports each program as soon as it is built, and continues with the next.

mod message;

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read},
    process::{Child, ExitStatus, Stdio},
    sync::mpsc::{Receiver, TryRecvError, channel},
    thread,
    time::{Duration, Instant},
};

pub(crate) use self::message::Event;
use self::message::event;
use super::{Variable, program::Id, table};
use crate::workspace::Package;
use anyhow::Context as _;

/// The arguments that every build begins with. `cargo test --no-run` would build the same, but it has no
/// `--keep-going`, so after a crate that does not compile it would not build the rest.
const COMMON: [&str; 4] = ["build", "--workspace", "--locked", "--keep-going"];

/// The targets: test programs, the binaries and libraries that they need, and the one example that a test runs, which
/// is a part of `cargo xtask bench`. The lints compile the other examples.
const ALL: [&str; 3] = ["--tests", "--example", "cost"];

/// The arguments of each build: first the programs whose tests wait longest, then everything. By itself, cargo would
/// build the functions last, because nothing depends on them. Every build is one of the whole workspace's tests, so
/// each crate has the same features in all builds, and is built once.
pub(crate) fn builds(quick: bool) -> Vec<Vec<&'static str>> {
    let all = [&COMMON[..], &ALL].concat();
    let mut first = COMMON.to_vec();
    // Building the test `process` of a function builds its binary, too.
    for name in table::waiting().chain(["process"]) {
        first.extend(["--test", name]);
    }
    if quick { vec![all] } else { vec![first, all] }
}

/// How long cargo's output may stay open after cargo has ended, because a program that it started may keep it open.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running build.
pub(crate) struct Build {
    pub(crate) words: Vec<&'static str>,
    pub(crate) cargo: Child,
    ended: Option<(ExitStatus, Instant)>,
    events: Receiver<Event>,
}

impl Build {
    /// Starts the build. Its stderr is that of this program.
    pub(crate) fn start(words: Vec<&'static str>, variables: &[Variable]) -> anyhow::Result<Self> {
        let mut command = processes::cargo::command();
        command.args(&words).arg("--message-format=json-render-diagnostics");
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        super::job::apart(&mut command);
        let mut cargo = command.stdout(Stdio::piped()).spawn().context("starting cargo failed")?;
        super::job::behind(&cargo);
        let stdout = cargo.stdout.take().context("cargo has no output")?;
        let (sender, events) = channel();
        thread::spawn(move || {
            read(stdout, |event| sender.send(event).is_ok());
        });
        Ok(Build { words, cargo, ended: None, events })
    }

    /// The messages since the last call, and the exit status after the last message. Does not wait.
    pub(crate) fn heard(&mut self) -> anyhow::Result<(Vec<Event>, Option<ExitStatus>)> {
        if self.ended.is_none() {
            self.ended = self.cargo.try_wait()?.map(|it| (it, Instant::now()));
        }
        let (mut events, is_closed) = received(&self.events);
        let Some((status, at)) = self.ended else { return Ok((events, None)) };
        if !is_closed && at.elapsed() < PATIENCE {
            return Ok((events, None));
        }
        if !is_closed {
            events.push(Event::Problem(format!(
                "cargo has ended, and {} s later its output is still held open by something that it started",
                PATIENCE.as_secs()
            )));
        }
        Ok((events, Some(status)))
    }
}

/// The messages that have arrived, and whether the channel is closed.
fn received(events: &Receiver<Event>) -> (Vec<Event>, bool) {
    let mut all = Vec::new();
    loop {
        match events.try_recv() {
            Ok(event) => all.push(event),
            Err(err) => return (all, err == TryRecvError::Disconnected),
        }
    }
}

/// Reads messages until the output ends, or until the receiver is gone.
fn read(from: impl Read, mut each: impl FnMut(Event) -> bool) {
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let event = event(&String::from_utf8_lossy(&line));
        if event.is_some_and(|it| !each(it)) {
            return;
        }
    }
}

/// The test programs of the workspace, from cargo's metadata.
pub(crate) fn ids(packages: &[Package]) -> impl Iterator<Item = Id> {
    packages.iter().flat_map(|package| {
        let tested = package.targets.iter().filter(|it| it.test);
        tested.map(|it| Id::new(&package.name, &it.name, &it.kind))
    })
}

/// The test programs that cargo has not reported after a build of everything.
pub(crate) fn missing(packages: &[Package], built: &BTreeSet<Id>) -> Vec<String> {
    let missing = ids(packages).filter(|it| !built.contains(it));
    missing.map(|it| format!("cargo did not name the test program {}", it.name())).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use contracts::functions::FunctionName;

    use super::*;
    use crate::workspace::Workspace;

    /// The first build must build every function. Otherwise the tests that need the emulator could begin only after the
    /// last build.
    #[test]
    fn the_first_build_has_the_programs_that_wait() {
        let workspace = Workspace::here().unwrap();
        let builds = builds(false);
        let (first, all) = (&builds[0], &builds[1]);
        assert!(first.starts_with(&COMMON) && all.starts_with(&COMMON));
        let tests: Vec<&str> = first[COMMON.len()..].chunks(2).map(|it| it[1]).collect();
        assert!(tests.contains(&"delivery") && tests.contains(&"system"), "{tests:?}");
        for function in workspace.holding(&FunctionName::BINS, &mut Vec::new()) {
            let package = workspace.packages.iter().find(|it| it.name == function.package).unwrap();
            let has_test =
                |it: &crate::workspace::Target| it.kind == ["test"] && it.name == "process";
            assert!(package.targets.iter().any(has_test), "{function:?}");
        }
    }

    /// Each by its name, whatever kind it is.
    #[test]
    fn a_program_that_cargo_did_not_name_is_missed() {
        let packages = Workspace::here().unwrap().packages;
        let mut names = missing(&packages, &BTreeSet::new());
        names.sort();
        for name in ["dofs", "dofs::system", "xtask::bin/xtask", "compile-fail-invocation"] {
            let missed = format!("cargo did not name the test program {name}");
            assert!(names.contains(&missed), "{name} is not in {names:?}");
        }
        // Targets that `cargo test` does not run.
        assert!(!names.iter().any(|it| it.contains("example/") || it.contains("generator")));
        let package = packages.iter().find(|it| it.name == "dofs").unwrap();
        let all = package.targets.iter().map(|it| Id::new("dofs", &it.name, &it.kind)).collect();
        assert!(missing(std::slice::from_ref(package), &all).is_empty());
    }

    /// The suite waits for the output of an ended build, but not for ever if another program keeps it open.
    #[test]
    fn an_output_that_stays_open_is_not_waited_for_for_ever() {
        let (sender, events) = channel();
        let mut cargo = Command::new("true").spawn().unwrap();
        let status = cargo.wait().unwrap();
        let mut build =
            Build { words: Vec::new(), cargo, ended: Some((status, Instant::now())), events };
        sender.send(Event::Line("a".to_owned())).unwrap();
        let (heard, ended) = build.heard().unwrap();
        assert!(matches!(heard.as_slice(), [Event::Line(_)]) && ended.is_none());
        build.ended = Instant::now().checked_sub(PATIENCE).map(|it| (status, it));
        let (heard, ended) = build.heard().unwrap();
        assert!(matches!(heard.as_slice(), [Event::Problem(_)]) && ended == Some(status));
        drop(sender);
        let (heard, ended) = build.heard().unwrap();
        assert!(heard.is_empty() && ended == Some(status));
    }
}
