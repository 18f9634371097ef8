//! `infra-gen review`, as a process.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use infra_review::Files;
use serde_json::Value;

use super::pairs::pair;

pub(crate) fn review(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_infra-gen"));
    command.arg("review").args(args).current_dir(folder).output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(crate) fn write(folder: &Path, files: &Files) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

pub(crate) fn git(folder: &Path, args: &[&str]) {
    let identity =
        ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"];
    let output =
        Command::new("git").args(identity).args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", stderr(&output));
}

/// Two folders with the trees of a pair.
fn folders(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (base, head) = pair(name);
    write(&folder.path().join("base"), &base);
    write(&folder.path().join("head"), &head);
    folder
}

#[test]
fn the_exit_code_says_how_bad_it_is_and_a_flag_what_is_let_through() {
    fn check(name: &str, fail_on: &[&str], code: i32) {
        let folder = folders(name);
        let sides = ["--base", "base", "--head", "head"];
        let output = review(folder.path(), &[&sides, fail_on].concat());
        assert_eq!(output.status.code(), Some(code), "{name} {fail_on:?}: {}", stderr(&output));
    }
    check("visibility-too-short", &[], 5);
    check("visibility-too-short", &["--fail-on", "never"], 0);
    check("threshold-raised", &[], 0);
    check("threshold-raised", &["--fail-on", "warning"], 4);
    check("memory-up", &["--fail-on", "warning"], 0);
    check("memory-up", &["--fail-on", "notice"], 3);
    check("tag-added", &["--fail-on", "notice"], 0);
}

#[test]
fn all_formats_report_the_same_findings() {
    let folder = folders("cors-opened");
    let told = |format: &str| {
        let sides = ["--base", "base", "--head", "head/generated", "--format", format];
        stdout(&review(folder.path(), &sides))
    };
    let problem =
        "browsers may call from every website, before from https://orders.dofs.example alone";
    assert!(told("text").contains(problem));
    assert!(!told("text").contains('\u{1b}'), "colours where there is no terminal");
    assert!(told("markdown").contains(&format!("**exposed** in prod: {problem}")));
    let json: Value = serde_json::from_str(&told("json")).unwrap();
    assert_eq!(json["findings"][0]["problem"], problem);
    assert_eq!(json["findings"][0]["severity"], "danger");
    assert_eq!(json["findings"][0]["environments"], serde_json::json!(["prod"]));
}

#[test]
fn a_revision_is_compared_with_the_working_tree() {
    let folder = tempfile::tempdir().unwrap();
    let (base, head) = pair("alarm-removed");
    write(folder.path(), &base);
    // The file by which a folder is known as the repository.
    write(folder.path(), &Files::from([("infra-gen/Cargo.toml".to_owned(), String::new())]));
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "before"]);
    let same = review(folder.path(), &["--base", "main"]);
    assert_eq!(stdout(&same), "nothing changes in AWS\n");
    assert_eq!(same.status.code(), Some(0));
    write(folder.path(), &head);
    let output = review(&folder.path().join("generated"), &["--base", "HEAD"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert!(stdout(&output).contains("dlq_depth"), "{}", stdout(&output));
}

#[test]
fn an_unreadable_tree_is_an_error_with_a_fix() {
    fn check(folder: &Path, args: &[&str], expected: &[&str]) {
        let output = review(folder, args);
        assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
        for part in expected {
            assert!(stderr(&output).contains(part), "{part:?} in {}", stderr(&output));
        }
        assert_eq!(stdout(&output), "");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    check(path, &["--base", "main"], &["is not inside the repository", "--base DIR --head DIR"]);
    check(path, &["--base", "a", "--head", "b"], &["a is not a folder", "fix: "]);
    write(path, &Files::from([("infra-gen/Cargo.toml".to_owned(), String::new())]));
    check(path, &["--base", "main"], &["is not in a git repository", "--head DIR"]);
    git(path, &["init", "-q"]);
    check(path, &["--base", "no-such"], &["no revision \"no-such\"", "git fetch origin main"]);
    check(path, &["--base=--output=x"], &["no revision"]);
    assert!(!path.join("x").exists());
}

/// git refuses a checkout of another user, and says what to do about it.
#[test]
fn what_git_says_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write(path, &Files::from([("infra-gen/Cargo.toml".to_owned(), String::new())]));
    git(path, &["init", "-q"]);
    let ask = |variables: &[(&str, &str)], base: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_infra-gen"));
        command.args(["review", "--base", base]).current_dir(path);
        // The variable of git's own tests that makes a folder count as another user's.
        command.envs(["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].map(|it| (it, "/dev/null")));
        command.envs(variables.iter().copied());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
        stderr(&output)
    };
    let told = ask(&[("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")], "HEAD");
    assert!(told.contains("dubious ownership") && told.contains("safe.directory"), "{told}");
    assert!(!told.contains("not in a git repository"), "{told}");
    // Whatever language git speaks.
    let told = ask(&[("LC_ALL", "de_DE.UTF-8"), ("LANGUAGE", "de"), ("GIT_DIR", "none")], "HEAD");
    assert!(told.contains("is not in a git repository"), "{told}");
    // A revision that is there, and cannot be read.
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "one"]);
    let id =
        Command::new("git").args(["rev-parse", "HEAD^{tree}"]).current_dir(path).output().unwrap();
    let id = stdout(&id).trim().to_owned();
    fs::remove_file(path.join(".git/objects").join(&id[..2]).join(&id[2..])).unwrap();
    let told = ask(&[], "HEAD");
    assert!(told.contains("git ls-tree failed: fatal: "), "{told}");
}

/// A path with a blank is one word, wherever it is shown to be copied.
#[test]
fn paths_with_blanks_are_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two words");
    fs::create_dir(&path).unwrap();
    let shown = |args: &[&str]| stderr(&review(&path, args));
    assert!(
        shown(&["--base", "main"]).contains("two words' is not inside"),
        "{}",
        shown(&["--base", "main"])
    );
    assert!(shown(&["--base", "a b", "--head", "c"]).contains("'a b' is not a folder"));
    write(&path, &Files::from([("infra-gen/Cargo.toml".to_owned(), String::new())]));
    assert!(shown(&["--base", "main"]).contains("two words' is not in a git repository"));
    git(&path, &["init", "-q"]);
    assert!(shown(&["--base", "main"]).contains("two words' has no revision"));
}
