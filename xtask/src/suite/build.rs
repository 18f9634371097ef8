//! The build of everything: cargo names each program as soon as it is there, and goes on building.

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

/// What every build begins with. `cargo test --no-run` would build the same, but it has no `--keep-going`: there, a
/// crate that does not compile keeps back what cargo has not begun.
const COMMON: [&str; 4] = ["build", "--workspace", "--locked", "--keep-going"];

/// The test programs, the binaries and libraries that they need, and the one example that a test runs: it measures what
/// `cargo xtask bench` starts. The lints compile the others.
const ALL: [&str; 3] = ["--tests", "--example", "cost"];

/// The words for cargo, build by build: first what waits longest, then everything. cargo itself begins with what
/// others need most, and comes to the functions last. Every build is one of the whole workspace's tests, so no crate
/// gets other features in one of them, and none is built twice.
pub(crate) fn builds(quick: bool) -> Vec<Vec<&'static str>> {
    let all = [&COMMON[..], &ALL].concat();
    let mut first = COMMON.to_vec();
    // The test `process` of each function has its binary built.
    for name in table::waiting().chain(["process"]) {
        first.extend(["--test", name]);
    }
    if quick { vec![all] } else { vec![first, all] }
}

/// How long cargo's output may stay open after cargo has ended: something that it started may still hold it.
const PATIENCE: Duration = Duration::from_secs(10);

/// A cargo that builds.
pub(crate) struct Build {
    pub(crate) words: Vec<&'static str>,
    pub(crate) cargo: Child,
    ended: Option<(ExitStatus, Instant)>,
    events: Receiver<Event>,
}

impl Build {
    /// Starts it. What it says to people goes where this program's own words go.
    pub(crate) fn start(words: Vec<&'static str>, variables: &[Variable]) -> anyhow::Result<Self> {
        let mut command = infra_gen::cargo::command();
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

    /// What it said since the last time, and how it ended, once that is all. This does not wait.
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

/// What is there, and whether nothing more can come.
fn received(events: &Receiver<Event>) -> (Vec<Event>, bool) {
    let mut all = Vec::new();
    loop {
        match events.try_recv() {
            Ok(event) => all.push(event),
            Err(err) => return (all, err == TryRecvError::Disconnected),
        }
    }
}

/// Reads messages to the end, or until nobody wants more.
fn read(from: impl Read, mut each: impl FnMut(Event) -> bool) {
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let event = event(&String::from_utf8_lossy(&line));
        if event.is_some_and(|it| !each(it)) {
            return;
        }
    }
}

/// The test programs that there are, after all that cargo knows.
pub(crate) fn ids(packages: &[Package]) -> impl Iterator<Item = Id> {
    packages.iter().flat_map(|package| {
        let tested = package.targets.iter().filter(|it| it.test);
        tested.map(|it| Id::new(&package.name, &it.name, &it.kind))
    })
}

/// Those that cargo should have named after a build of everything, and has not.
pub(crate) fn missing(packages: &[Package], built: &BTreeSet<Id>) -> Vec<String> {
    let missing = ids(packages).filter(|it| !built.contains(it));
    missing.map(|it| format!("cargo did not name the test program {}", it.name())).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::{package::BINARIES, workspace::Workspace};

    /// Of every function, too: else what needs the emulator would begin when all is built.
    #[test]
    fn the_first_build_has_what_waits() {
        let workspace = Workspace::here().unwrap();
        let builds = builds(false);
        let (first, all) = (&builds[0], &builds[1]);
        assert!(first.starts_with(&COMMON) && all.starts_with(&COMMON));
        let tests: Vec<&str> = first[COMMON.len()..].chunks(2).map(|it| it[1]).collect();
        assert!(tests.contains(&"delivery") && tests.contains(&"system"), "{tests:?}");
        for function in workspace.holding(&BINARIES, &mut Vec::new()) {
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
        // What `cargo test` does not run.
        assert!(!names.iter().any(|it| it.contains("example/") || it.contains("generator")));
        let package = packages.iter().find(|it| it.name == "dofs").unwrap();
        let all = package.targets.iter().map(|it| Id::new("dofs", &it.name, &it.kind)).collect();
        assert!(missing(std::slice::from_ref(package), &all).is_empty());
    }

    /// A build that has ended, while something holds its output open, is waited for, but not for ever.
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
