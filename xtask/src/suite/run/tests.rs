use std::{
    os::unix::process::ExitStatusExt as _,
    process::{Command, ExitStatus},
};

use super::{super::program::Kind, *};
use crate::libtest::Failure;

const OK: &str = "echo running 1 test
echo 'test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s'";

/// A run that builds nothing.
fn run(folder: &Path) -> Run {
    Run {
        options: Options { quick: true, changed: false },
        touched: Touched::Everything,
        workspace: Workspace::here().unwrap(),
        variables: vec![("OUTPUT", folder.into())],
        room: Room::of(2, 16_000_000_000),
        times: Times::read(folder),
        folder: folder.to_owned(),
        began: Instant::now(),
        build: None,
        builds: VecDeque::new(),
        built: BTreeSet::new(),
        problems: Vec::new(),
        browser: None,
        functions: BTreeSet::new(),
        generator: None,
        ready: Vec::new(),
        running: Vec::new(),
        report: Report::default(),
    }
}

/// A program `dofs::name` that is a script. A shell writes it, not this process: a child that another test starts
/// meanwhile would inherit the file open for writing, and the system does not start such a file.
fn program(folder: &Path, name: &str, script: &str) -> Program {
    let executable = folder.join(name);
    let mut write = Command::new("sh");
    write.args(["-c", "printf '#!/bin/sh\n%s\n' \"$2\" > \"$1\" && chmod 700 \"$1\"", "sh"]);
    assert!(write.arg(&executable).arg(script).status().unwrap().success());
    Program { id: Id { package: "dofs".to_owned(), kind: Kind::Test(name.to_owned()) }, executable }
}

#[track_caller]
fn failures(run: &Run, expected: &[&str]) {
    let failures: Vec<String> = run.report.total.failures.iter().map(Failure::to_string).collect();
    assert_eq!(failures.len(), expected.len(), "{failures:?}");
    for it in expected {
        assert!(failures.iter().any(|failure| failure.contains(it)), "no {it}: {failures:?}");
    }
    assert_eq!(run.report.total.failed, expected.len());
}

#[test]
fn a_job_that_cannot_be_started_or_watched_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut run = run(folder);
    let not_there = program(folder, "not_there", "");
    fs::remove_file(&not_there.executable).unwrap();
    run.add_program(not_there);
    run.add_program(program(folder, "one", &format!("sleep 0.5; {OK}")));
    run.add_program(program(folder, "lost", &format!("rm \"$OUTPUT/dofs--lost.stdout\"; {OK}")));
    run.add_program(program(folder, "other", OK));
    run.add_program(program(folder, "silent", "true"));
    run.add_step(STEPS.iter().find(|it| it.name == "generated files").unwrap());
    run.until_the_end(&AtomicBool::new(false)).unwrap();
    failures(
        &run,
        &[
            "dofs::not_there cannot be started",
            "lost.stdout",
            "without a result",
            "infra-gen was not built",
        ],
    );
    assert_eq!(run.report.total.passed, 2);
}

/// A program that checks what the others left behind.
#[test]
fn the_last_program_begins_when_all_others_have_ended() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut run = run(folder);
    run.options.quick = false;
    // The change affects no other program, and this one runs nevertheless.
    run.touched =
        Touched::Parts { packages: ["dofs".to_owned()].into(), programs: BTreeSet::new() };
    let script = format!(
        "echo \"$@\" > \"$OUTPUT/arguments\"; cat \"$OUTPUT/one\" \"$OUTPUT/other\" || exit 1; {OK}"
    );
    let mut last = program(folder, "requests", &script);
    last.id.package = "local-aws".to_owned();
    run.add_program(last);
    for (name, seconds) in [("one", "0.2"), ("other", "0.5")] {
        let script = format!("sleep {seconds}; touch \"$OUTPUT/{name}\"; {OK}");
        run.add_program(program(folder, &format!("p-{name}"), &script));
    }
    run.until_the_end(&AtomicBool::new(false)).unwrap();
    failures(&run, &[]);
    assert_eq!(run.report.total.passed, 3);
    let arguments = fs::read_to_string(folder.join("arguments")).unwrap();
    assert_eq!(arguments, "--include-ignored\n");
}

#[test]
fn an_interruption_ends_all_running_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    for name in ["one", "other"] {
        run.add_program(program(folder.path(), name, "exec sleep 60"));
    }
    while run.start_the_next() {}
    assert_eq!(run.running.len(), 2);
    let err = run.until_the_end(&AtomicBool::new(true)).unwrap_err();
    assert!(err.to_string().contains("interrupted"), "{err:#}");
    let began = Instant::now();
    run.end_all().unwrap();
    assert!(run.running.is_empty() && began.elapsed() < Duration::from_secs(30));
}

/// Each build reports a crate that does not compile.
#[test]
fn a_build_that_failed_is_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.builds = vec![vec!["build", "--no-such-word"]; 2].into();
    run.start_the_next_build().unwrap();
    run.until_the_end(&AtomicBool::new(false)).unwrap();
    failures(&run, &["exit status: 1"]);
}

#[test]
fn a_build_with_unreadable_messages_has_failed() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = run(folder.path());
    run.built = build::ids(&run.workspace.packages).collect();
    let left_out = Id { package: "dofs".to_owned(), kind: Kind::Test("system".to_owned()) };
    assert!(run.built.remove(&left_out));
    run.problems.push("a message".to_owned());
    let ended = |status| Ended::of(End::Exited(ExitStatus::from_raw(status)), Duration::ZERO);
    run.count_the_build(&ended(0), &["build"]);
    failures(&run, &["a message", "the test program dofs::system"]);
    // A failed build is reported once, without the programs that it did not build.
    run.report = Report::default();
    run.count_the_build(&ended(101 << 8), &["build"]);
    failures(&run, &["exit status: 101"]);
}
