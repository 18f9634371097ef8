//! The generated shell commands and workflow, checked by shellcheck and actionlint.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use infra_gen::{
    roots,
    topology::build::{WORKFLOW, build_specs},
};
use local_aws::Tools;

fn linters() -> Tools {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    Tools::linters(&folder).unwrap_or_else(|err| panic!("{err}"))
}

/// A fresh folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn said(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned());
    said.concat()
}

/// Runs shellcheck over all commands as one script, because CodeBuild runs them in one shell.
fn shellcheck(tools: &Tools, name: &str, script: &str) -> Output {
    let file = folder("shellcheck").join(name);
    // Variables in capitals come from the project, the pipeline and the system.
    fs::write(&file, format!("#!/usr/bin/env bash\n{script}\n")).unwrap();
    Command::new(tools.program("shellcheck")).arg(&file).output().unwrap()
}

#[test]
fn shellcheck_accepts_the_build_specs() {
    let tools = linters();
    for (path, spec) in build_specs() {
        let phases = spec.phases;
        let all = [phases.install, phases.pre_build, phases.build, phases.post_build];
        let commands = all.into_iter().flatten().flat_map(|it| [it.commands, it.finally].concat());
        let commands: Vec<String> = commands.map(|it| it.to_string()).collect();
        assert!(commands.len() > 3, "{path}");
        let output = shellcheck(&tools, &path.replace('/', "-"), &commands.join("\n"));
        assert!(output.status.success(), "{path}\n{}", said(&output));
    }
    let output = shellcheck(&tools, "broken", "rm -rf $HOME/*\ncd $1");
    assert!(!output.status.success() && said(&output).contains("SC2086"), "{}", said(&output));
}

/// Runs actionlint over a workflow. With shellcheck, it reads the commands, too.
fn actionlint(tools: &Tools, name: &str, text: &str) -> Output {
    let repository = folder(name);
    let file = repository.join(WORKFLOW);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::create_dir_all(repository.join(".git")).unwrap();
    fs::write(&file, text).unwrap();
    let shellcheck = tools.program("shellcheck");
    let mut command = Command::new(tools.program("actionlint"));
    command.current_dir(&repository).arg("-shellcheck").arg(shellcheck).arg(WORKFLOW);
    command.output().unwrap()
}

#[test]
fn actionlint_accepts_the_workflow() {
    let tools = linters();
    let text = roots::workflow().files[WORKFLOW].clone();
    let output = actionlint(&tools, "actionlint", &text);
    assert!(output.status.success(), "{}", said(&output));
    for (from, to, expected) in [
        ("needs:\n      - build", "needs:\n      - built", "built"),
        ("github.base_ref", "github.basis", "basis"),
        ("contents: read", "contents: look", "look"),
        ("mkdir -p target/review", "cd $REVIEW_EXIT", "SC2086"),
    ] {
        assert!(text.contains(from), "{from}");
        let output = actionlint(&tools, "actionlint-broken", &text.replacen(from, to, 1));
        assert!(!output.status.success() && said(&output).contains(expected), "{}", said(&output));
    }
}
