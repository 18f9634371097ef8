//! Commands that run Terraform, with a fake that records its arguments.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    fs::{Mode, OFlags, open},
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use crate::{dofs, ran, stranger::Stranger};

/// A fake Terraform with a state and a plan with changes, whose exit code is 2 with `-detailed-exitcode`.
/// <https://developer.hashicorp.com/terraform/cli/commands/plan#detailed-exitcode>
const TERRAFORM: &str = r#"#!/bin/sh
echo "$*" >>"$(dirname "$0")/calls"
env | grep -E '^TF_(WORKSPACE|CLI_ARGS_)' >>"$(dirname "$0")/inherited"
case "$1 $2" in
  "version ") echo 'Terraform v1.12.1' ;;
  "plan -input=false") case "$*" in *-detailed-exitcode*) exit 2 ;; esac ;;
  "state pull") echo '{"resources": [{"mode": "managed"}]}' ;;
  "show -json") echo '{"resource_changes": [{"address": "aws_sqs_queue.a", "change": {"actions": ["create"]}}]}' ;;
esac
"#;

const DEV: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::111111111111:user/o</Arn><Account>111111111111</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

/// A repository, and the fake Terraform.
struct Place {
    folder: tempfile::TempDir,
    aws: Stranger,
}

impl Place {
    fn make() -> Self {
        Self::with(TERRAFORM)
    }

    fn with(program_text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated");
        copy(&generated, &folder.path().join("generated"));
        let program = folder.path().join("terraform");
        fs::write(&program, program_text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Place { folder, aws: Stranger::that_answers(200, DEV) }
    }

    #[expect(clippy::disallowed_methods, reason = "the other programs are on the PATH")]
    fn dofs(&self, args: &[&str]) -> Command {
        let mut command = dofs(&[args, &["--endpoint-url", &self.aws.url()]].concat());
        let others = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{others}", self.folder.path().display()));
        command.current_dir(self.folder.path()).env_remove("DOFS_TERRAFORM");
        command
    }

    /// Returns the arguments of each run, one line per run.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.folder.path().join("calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

fn copy(from: &Path, to: &PathBuf) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn ended(child: &mut Child) -> Option<i32> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    panic!("it does not end");
}

#[test]
fn a_signal_at_the_question_applies_nothing() {
    #[track_caller]
    fn check(signal: Signal) {
        let place = Place::make();
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap();
        let stdin = open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let mut command = place.dofs(&["bootstrap", "--env", "dev"]);
        command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut before = Vec::new();
        for line in &mut lines {
            before.push(line);
            if before.last().unwrap().contains("to apply this") {
                break;
            }
        }
        assert!(before.iter().any(|it| it.contains("1 to create")), "{before:?}");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(ended(&mut child), Some(130));
        let after: Vec<String> = lines.collect();
        assert_eq!(after, ["error: nothing was applied"]);
        assert!(!place.calls().iter().any(|it| it.starts_with("apply")), "{:?}", place.calls());
    }
    check(Signal::INT);
    check(Signal::TERM);
}

#[test]
fn the_users_terraform_variables_change_no_command() {
    let place = Place::make();
    let mut command = place.dofs(&["bootstrap", "--env", "dev", "--yes"]);
    for name in ["TF_WORKSPACE", "TF_CLI_ARGS_output", "TF_CLI_ARGS_state_pull", "TF_CLI_ARGS_init"]
    {
        command.env(name, "other");
    }
    command.output().unwrap();
    assert!(place.calls().len() > 3, "{:?}", place.calls());
    let inherited = fs::read_to_string(place.folder.path().join("inherited")).unwrap();
    assert_eq!(inherited, "");
}

#[test]
fn on_aws_no_command_writes_a_lock_file() {
    let place = Place::make();
    for args in [&["verify", "--aws"][..], &["bootstrap", "--env", "dev", "--yes"]] {
        place.dofs(args).output().unwrap();
        let calls = place.calls();
        let inits: Vec<&String> = calls.iter().filter(|it| it.starts_with("init")).collect();
        assert!(!inits.is_empty(), "{args:?}: {calls:?}");
        for init in inits {
            assert!(init.contains("-lockfile=readonly"), "{args:?}: {init}");
        }
    }
}

/// `tofu init -lockfile=readonly` fails: OpenTofu's registry has packages with other hashes.
#[test]
fn opentofu_is_refused_for_roots_on_aws() {
    let tofu = TERRAFORM.replace("Terraform v1.12.1", "OpenTofu v1.10.6");
    let place = Place::with(&tofu);
    for args in [
        &["verify", "--aws"][..],
        &["bootstrap", "--env", "dev", "--yes"],
        &["deploy", "--env", "dev", "--yes"],
        &["order", "--no-follow"],
    ] {
        let (code, _, stderr) = ran(&mut place.dofs(args));
        assert_eq!(code, Some(1), "{args:?}: {stderr}");
        for told in ["OpenTofu cannot run roots on AWS", "fix: use Terraform", "DOFS_TERRAFORM"] {
            assert!(stderr.contains(told), "{args:?}: {stderr}");
        }
        assert!(place.calls().iter().all(|it| it == "version"), "{args:?}: {:?}", place.calls());
    }
}

#[test]
fn doctor_reports_that_aws_needs_terraform() {
    let place = Place::with(&TERRAFORM.replace("Terraform v1.12.1", "OpenTofu v1.10.6"));
    let (_, stdout, stderr) = ran(&mut place.dofs(&["doctor", "--env", "dev"]));
    assert!(stdout.contains("lacking  OpenTofu: 1.10.6"), "{stdout}{stderr}");
    let mut here = dofs(&["doctor", "--offline", "--terraform", "./terraform"]);
    let (_, stdout, stderr) = ran(here.current_dir(place.folder.path()));
    assert!(stdout.contains("ok       OpenTofu: 1.10.6"), "{stdout}{stderr}");
}

#[test]
fn the_option_precedes_the_variable_and_the_path() {
    fn check(option: Option<&str>, variable: &str, expected: &str) {
        let place = Place::make();
        let other = place.folder.path().join("other");
        let text = TERRAFORM.replace("/calls", "/others-calls");
        fs::write(&other, text).unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
        let mut args = vec!["verify"];
        args.extend(option.iter().flat_map(|it| ["--terraform", it]));
        let mut command = place.dofs(&args);
        command.env("DOFS_TERRAFORM", variable).output().unwrap();
        let called = ["calls", "others-calls"].map(|it| place.folder.path().join(it).exists());
        assert_eq!(
            called,
            ["terraform" == expected, "other" == expected],
            "{option:?}, {variable}"
        );
    }
    check(None, "", "terraform");
    check(None, "other", "other");
    check(None, "./other", "other");
    check(Some("terraform"), "other", "terraform");
    check(Some("other"), "", "other");
}

#[test]
fn stray_generated_files_are_reported() {
    let place = Place::make();
    for (folder, args) in [
        ("dev", &["verify", "--env", "dev"][..]),
        ("bootstrap/dev", &["bootstrap", "--env", "dev", "--yes"]),
    ] {
        let left = format!("generated/{folder}/left.tf.json");
        let said = || ran(&mut place.dofs(args)).2;
        let before = said();
        assert!(!before.contains("generated files differ"), "{args:?}: {before}");
        fs::write(place.folder.path().join(&left), "{}").unwrap();
        let after = said();
        assert!(after.contains("warning: generated files differ"), "{args:?}: {after}");
        assert!(after.contains(&left), "{args:?}: {after}");
    }
}
