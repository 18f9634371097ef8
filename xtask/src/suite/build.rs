//! The build of everything: cargo names each program as soon as it is there, and goes on building.

use std::{
    io::{BufRead as _, BufReader, Read},
    path::PathBuf,
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Instant,
};

use anyhow::Context as _;
use serde::Deserialize;

use super::{
    Variable,
    program::{Id, Program},
    table,
};

/// All test programs and what they need, and none is run. One that does not compile keeps no other back.
const ALL: [&str; 5] = ["test", "--workspace", "--locked", "--no-run", "--no-fail-fast"];

/// The words for cargo, build by build: first what waits longest, then everything. cargo itself begins with what
/// others need most, and comes to the functions last. Every build is one of the whole workspace's tests, so no crate
/// gets other features in one of them, and none is built twice.
pub(crate) fn builds(quick: bool) -> Vec<Vec<&'static str>> {
    let all = ALL.to_vec();
    let mut first = all.clone();
    // The test `process` of each function has its binary built.
    for name in table::waiting().chain(["process"]) {
        first.extend(["--test", name]);
    }
    if quick { vec![all] } else { vec![first, all] }
}

/// What cargo says while it builds.
#[derive(Debug)]
pub(crate) enum Event {
    /// A test program is there, and the binaries of its package with it.
    Program(Program),
    /// A binary is there.
    Binary(Binary),
    /// What is no message.
    Line(String),
}

/// A binary of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
}

/// A cargo that builds.
pub(crate) struct Build {
    pub(crate) words: Vec<&'static str>,
    pub(crate) began: Instant,
    pub(crate) cargo: Child,
    events: Receiver<Event>,
}

impl Build {
    /// Starts it. What it says to people goes where this program's own words go.
    pub(crate) fn start(words: Vec<&'static str>, variables: &[Variable]) -> anyhow::Result<Self> {
        let mut command = infra_gen::cargo::command();
        command.args(&words).arg("--message-format=json-render-diagnostics");
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        super::job::apart(&mut command);
        let mut cargo =
            command.stdout(Stdio::piped()).spawn().context("cargo cannot be started")?;
        super::job::behind(&cargo);
        let stdout = cargo.stdout.take().context("cargo has no output")?;
        let (sender, events) = channel();
        thread::spawn(move || {
            read(stdout, |event| sender.send(event).is_ok());
        });
        Ok(Build { words, began: Instant::now(), cargo, events })
    }

    /// What it said since the last time; where it has ended, all that it had to say.
    pub(crate) fn heard(&self, has_ended: bool) -> Vec<Event> {
        match has_ended {
            true => self.events.iter().collect(),
            false => self.events.try_iter().collect(),
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

#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    package_id: Option<String>,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
fn event(line: &str) -> Option<Event> {
    let Ok(message) = serde_json::from_str::<Message>(line) else {
        return Some(Event::Line(line.to_owned()));
    };
    if message.reason != "compiler-artifact" {
        return None;
    }
    let (target, executable) = (message.target?, message.executable?);
    if message.profile?.test {
        let package = package(&message.package_id?, message.manifest_path.as_deref()?)?;
        let id = Id::new(&package, &target.name, &target.kind);
        return Some(Event::Program(Program { id, executable }));
    }
    let is_binary = target.kind.iter().any(|it| it == "bin");
    is_binary.then_some(Event::Binary(Binary { name: target.name, executable }))
}

/// The name of a package: behind the `#` of its ID, or the folder's where that has only the version.
/// <https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>
fn package(id: &str, manifest: &std::path::Path) -> Option<String> {
    let (_, behind) = id.split_once('#')?;
    match behind.split_once('@') {
        Some((name, _)) => Some(name.to_owned()),
        None => Some(manifest.parent()?.file_name()?.to_str()?.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{package::BINARIES, workspace::Workspace};

    const PROGRAM: &str = r#"{"reason":"compiler-artifact","package_id":"path+file:///repo/dofs#0.1.0",
        "manifest_path":"/repo/dofs/Cargo.toml","target":{"kind":["test"],"crate_types":["bin"],
        "name":"system","src_path":"/repo/dofs/tests/system/main.rs"},"profile":{"opt_level":"0",
        "test":true},"features":[],"filenames":["/repo/target/debug/deps/system-1"],
        "executable":"/repo/target/debug/deps/system-1","fresh":false}"#;

    fn told(message: &str) -> String {
        match event(&message.replace('\n', "")) {
            Some(Event::Program(it)) => {
                format!("program {} {}", it.id.name(), it.executable.display())
            }
            Some(Event::Binary(it)) => format!("binary {} {}", it.name, it.executable.display()),
            Some(Event::Line(it)) => it,
            None => "nothing".to_owned(),
        }
    }

    /// Of every function, too: else what needs the emulator would begin when all is built.
    #[test]
    fn the_first_build_has_what_waits() {
        let workspace = Workspace::here().unwrap();
        let builds = builds(false);
        let (first, all) = (&builds[0], &builds[1]);
        assert!(first.starts_with(all));
        let tests: Vec<&str> = first[all.len()..].chunks(2).map(|it| it[1]).collect();
        assert!(tests.contains(&"delivery") && tests.contains(&"system"), "{tests:?}");
        for function in workspace.holding(&BINARIES, &mut Vec::new()) {
            let package = workspace.packages.iter().find(|it| it.name == function.package).unwrap();
            let has_test =
                |it: &crate::workspace::Target| it.kind == ["test"] && it.name == "process";
            assert!(package.targets.iter().any(has_test), "{function:?}");
        }
    }

    #[test]
    fn messages_are_read() {
        let check = |message: &str, expected: &str| assert_eq!(told(message), expected);
        check(PROGRAM, "program dofs::system /repo/target/debug/deps/system-1");
        check(
            &PROGRAM.replace(r#"["test"]"#, r#"["lib"]"#),
            "program dofs /repo/target/debug/deps/system-1",
        );
        let named = PROGRAM.replace("dofs#0.1.0", "somewhere#dofs@0.1.0");
        check(&named, "program dofs::system /repo/target/debug/deps/system-1");
        let binary = PROGRAM.replace(r#""test":true"#, r#""test":false"#);
        check(&binary, "nothing");
        check(
            &binary.replace(r#"["test"]"#, r#"["bin"]"#),
            "binary system /repo/target/debug/deps/system-1",
        );
        check(
            &PROGRAM.replace(r#""executable":"/repo/target/debug/deps/system-1","#, ""),
            "nothing",
        );
        check(r#"{"reason":"build-finished","success":true}"#, "nothing");
        check("a line of a build script", "a line of a build script");
    }
}
