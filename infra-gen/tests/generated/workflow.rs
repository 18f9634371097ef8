//! Checks the review of a pull request: the infra-gen that reviews, the files that it reviews, and the comment if the
//! review fails. The generated commands run in bash, with a local repository, and with a `cargo` that records its
//! arguments.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use infra_core::render::workflow::{Condition, Job, Step};
use infra_gen::topology::build::{mutated, workflow};
use tempfile::TempDir;

fn job(name: &str) -> Job {
    let jobs = workflow().jobs.into_iter();
    jobs.filter(|(id, _)| *id == name).map(|(_, job)| job).next().unwrap()
}

/// The inputs of an action, such as `ref: ${{ github.base_ref }}`.
fn given(step: &Step) -> Vec<String> {
    match step {
        Step::Uses { with, .. } => with.iter().map(|(name, it)| format!("{name}: {it}")).collect(),
        Step::Run { .. } => Vec::new(),
    }
}

fn commands(job: &Job) -> Vec<(String, String)> {
    let steps = job.steps.iter().filter_map(|it| match it {
        Step::Run { name, command, .. } => Some((name.clone(), command.as_str().to_owned())),
        Step::Uses { .. } => None,
    });
    steps.collect()
}

#[test]
fn the_base_branch_reviews_and_nothing_of_the_change_runs() {
    let review = job("review");
    assert_eq!(
        given(&review.steps[0]),
        ["persist-credentials: false", "ref: ${{ github.base_ref }}"]
    );
    // Without a reference, GitHub checks out what would be merged.
    assert_eq!(
        given(&review.steps[1]),
        ["persist-credentials: false", "path: target/head", "fetch-depth: 2"]
    );
    let more = review.steps[2..].iter().filter(|it| given(it).iter().any(|it| it.contains("ref")));
    assert_eq!(more.count(), 0);
    for (name, command) in commands(&review) {
        let is_reader = ["git -C target/head worktree", "--head target/head"];
        let rest = is_reader.iter().fold(command.clone(), |rest, it| rest.replace(it, ""));
        assert!(!rest.contains("target/head") && !rest.contains("cd "), "{name}: {command}");
    }
    assert!(review.permissions.len() == 1 && job("comment").permissions.len() == 1);
    assert_eq!(job("comment").condition, Some(Condition::OwnPullRequestEvenIfRed));
}

/// Every job of a run can delete an artefact and upload another of its name, and one of them runs the change's own
/// code.
#[test]
fn what_is_said_of_a_change_comes_from_the_reviewer_alone() {
    let comment = job("comment");
    assert!(comment.steps.iter().all(|it| matches!(it, Step::Run { .. })), "{comment:?}");
    let text = &infra_gen::roots::workflow().files[".github/workflows/ci.yml"];
    let of = |id: &str| {
        let (_, job) = text.split_once(&format!("\n  {id}:\n")).unwrap();
        job.split("\n\n").next().unwrap().to_owned()
    };
    assert!(of("comment").contains("REVIEW: \"${{ needs.review.outputs.review }}\""), "{text}");
    assert!(of("review").contains("review: \"${{ steps.review.outputs.review }}\""), "{text}");
    assert!(
        of("review").contains("- name: Pass the review to the next job\n        id: review\n"),
        "{text}"
    );
}

/// The suite runs the mutants of changed lines; all of them take hours.
#[test]
fn every_mutant_runs_once_a_week_and_nothing_else_does() {
    let every = workflow().jobs.into_iter();
    let weekly = every.filter(|(_, it)| it.condition == Some(Condition::Weekly));
    let weekly: Vec<_> = weekly.collect();
    let [("mutants", mutants)] = &weekly[..] else { panic!("{weekly:?}") };
    let packages: Vec<&str> = mutants.matrix.iter().map(|it| it["package"].as_str()).collect();
    assert!(packages.iter().copied().eq(mutated()));
    let commands = commands(mutants);
    assert!(commands.iter().any(|(_, it)| it == r#"cargo xtask mutants "$PACKAGE""#));
    // A job without a condition would run then, too.
    assert!(workflow().jobs.iter().all(|(_, it)| it.condition.is_some()));
}

/// GitHub does not run a workflow again where a pull request changes its base: one into a branch of its author's would
/// bring along what that branch's reviewer said.
#[test]
fn only_pull_requests_into_main_are_checked() {
    let text = &infra_gen::roots::workflow().files[".github/workflows/ci.yml"];
    let text: String = text.lines().filter(|it| !it.trim().starts_with('#')).collect();
    let on = "on:  push:    branches:      - main  pull_request:    branches:      - main  \
              schedule:    - cron: \"17 2 * * 1\"permissions: {}";
    assert!(text.contains(on), "{text}");
}

#[expect(clippy::disallowed_methods, reason = "git and bash are on the PATH")]
fn run(folder: &Path, program: &str, arguments: &[&str], path: &Path, code: u8) -> bool {
    let all = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(path.to_owned()).chain(std::env::split_paths(&all));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("CODE", code.to_string());
    command.env("GITHUB_OUTPUT", folder.join("output"));
    command.env("PATH", std::env::join_paths(all).unwrap());
    command.output().unwrap().status.success()
}

/// GitHub's machine behind the two checkouts: the base branch, and below it what would be merged.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Machine(tempfile::tempdir().unwrap());
        machine.write(
            "bin/cargo",
            "#!/bin/sh\npwd >asked\necho \"$@\" >>asked\necho review; printf 'why\\n```\\n' >&2\nexit \"$CODE\"\n",
        );
        fs::set_permissions(machine.at("bin/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        let origin = machine.at("origin");
        machine.write("origin/generated/a", "old");
        machine.git(&origin, &["init", "--quiet", "--initial-branch", "main"]);
        machine.commit(&origin);
        machine.git(&origin, &["checkout", "--quiet", "-b", "change"]);
        machine.write("origin/generated/a", "new");
        machine.commit(&origin);
        // Meanwhile the base branch gets another commit, which is not a part of the change.
        machine.git(&origin, &["checkout", "--quiet", "main"]);
        machine.write("origin/generated/b", "of the base");
        machine.commit(&origin);
        machine.git(&origin, &["checkout", "--quiet", "-b", "merge"]);
        machine.git(&origin, &["merge", "--quiet", "-m", "m", "change"]);
        let from = format!("file://{}", origin.display());
        let root = machine.at("root");
        machine.git(machine.0.path(), &["clone", "--quiet", "--branch", "main", &from, "root"]);
        let head = ["clone", "--quiet", "--depth", "2", "--branch", "merge", &from, "target/head"];
        machine.git(&root, &head);
        machine
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.at(path)).ok()
    }

    fn git(&self, folder: &Path, arguments: &[&str]) {
        let identity =
            ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"];
        let arguments = [&identity, arguments].concat();
        assert!(run(folder, "git", &arguments, &self.at("bin"), 0), "git {arguments:?}");
    }

    fn commit(&self, folder: &Path) {
        self.git(folder, &["add", "."]);
        self.git(folder, &["commit", "--quiet", "-m", "m"]);
    }

    /// Runs the job's own commands as GitHub does, each in a shell of its own, and gives the steps that failed.
    fn review(&self, code: u8) -> Vec<String> {
        let own = commands(&job("review")).into_iter().filter(|(_, it)| it.contains("target/"));
        let failed = own.filter(|(_, it)| {
            let shell = ["--noprofile", "--norc", "-eo", "pipefail", "-c", it];
            !run(&self.at("root"), "bash", &shell, &self.at("bin"), code)
        });
        failed.map(|(name, _)| name).collect()
    }
}

#[test]
fn the_change_is_compared_with_what_it_is_merged_into() {
    for code in [0, 3, 4, 5] {
        let machine = Machine::new();
        assert_eq!(machine.review(code), [""; 0], "exit code {code}");
        let asked = machine.read("root/asked").unwrap();
        let (folder, arguments) = asked.split_once('\n').unwrap();
        assert_eq!(Path::new(folder), machine.at("root").canonicalize().unwrap());
        assert!(arguments.contains("review --base target/base --head target/head"), "{arguments}");
        let file = |path: &str| machine.read(&format!("root/target/{path}")).unwrap_or_default();
        assert_eq!(
            (file("base/generated/a"), file("head/generated/a")),
            ("old".into(), "new".into())
        );
        assert_eq!(file("base/generated/b"), file("head/generated/b"));
        assert_eq!(file("review/review.md"), "review\n");
        let output = machine.read("root/output").unwrap();
        let lines: Vec<&str> = output.lines().collect();
        let [begin, "review", "", end] = &lines[..] else { panic!("{output}") };
        assert!(end.len() == 32 && *begin == format!("review<<{end}"), "{output}");
    }
}

/// The job fails, and the comment has the reason.
#[test]
fn a_change_that_the_base_cannot_read_is_said() {
    for code in [1, 101] {
        let machine = Machine::new();
        assert_eq!(machine.review(code), ["Check that the reviewer could read the change"]);
        let review = machine.read("root/target/review/review.md").unwrap();
        for words in ["**No review.**", "the base branch", "by hand", "\n    why\n    ```\n"] {
            assert!(
                review.to_lowercase().contains(&words.to_lowercase()),
                "{words:?} is not in:\n{review}"
            );
        }
        assert!(review.contains(&format!("exit code {code}")), "{review}");
    }
}
