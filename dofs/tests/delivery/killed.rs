//! `dofs bootstrap` as a process, killed with all that it started while it applies and while the state
//! moves: the next run goes on. And killed with Terraform's lock beside the state.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use local_aws::{Account, Emulator};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

use crate::support::{account, copy, emulator, is_in_bucket, put, repository, root, work};

/// A run that has not come so far by now will not.
const PATIENCE: Duration = Duration::from_secs(120);

struct Case {
    folder: PathBuf,
    emulator: Emulator,
    account: Account,
    bucket: String,
    key: String,
}

impl Case {
    fn new(name: &str) -> Self {
        let work = work("killed");
        let found = root(name);
        let account = account(&found);
        let emulator = emulator(&work, &account);
        // What is generated is a repository to the program; its own files lie beside.
        let folder = work.join("repository");
        copy(&repository().join("generated"), &folder.join("generated"));
        let (bucket, key) = (found.backend.bucket, found.backend.key);
        Case { folder, emulator, account, bucket, key }
    }

    fn start(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dofs"));
        command.args(["bootstrap", "--env", "dev", "--yes"]).current_dir(&self.folder);
        for (name, value) in self.emulator.environment(&self.account) {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.process_group(0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs it, and kills it with all that it started as soon as this is so.
    #[track_caller]
    fn kill_when(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let began = Instant::now();
        let mut run = self.start();
        let process = i32::try_from(run.id()).unwrap();
        loop {
            // Terraform has a group of its own, and its provider is in it.
            let terraform = child_of(process);
            let doing = terraform.as_ref().map_or("", |(_, doing)| doing.as_str());
            if is_so(doing) {
                let groups = terraform.iter().map(|(process, _)| *process).chain([process]);
                for group in groups.map(|it| Pid::from_raw(it).unwrap()) {
                    kill_process_group(group, Signal::KILL).unwrap();
                }
                break;
            }
            if let Some(status) = run.try_wait().unwrap() {
                let said = run.wait_with_output().unwrap();
                panic!("it ended ({status}) before {what}: {said:?}");
            }
            assert!(began.elapsed() < PATIENCE, "{what}: it does not come so far");
            thread::sleep(Duration::from_millis(5));
        }
        assert!(!run.wait().unwrap().success());
        println!("killed when {what}, after {:.1} s", began.elapsed().as_secs_f64());
    }

    /// Runs it to its end; what it said.
    #[track_caller]
    fn run(&self) -> String {
        let output = self.start().wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The file that the state is in before it has a bucket.
    fn file(&self) -> PathBuf {
        self.folder.join("target/bootstrap/dev/bootstrap.tfstate")
    }

    /// How many resources the file knows of.
    fn known(&self) -> usize {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        let state: Value = serde_json::from_str(&text).unwrap_or_default();
        let all = state["resources"].as_array().into_iter().flatten();
        // What is being made stands there already, without an instance.
        all.filter(|it| it["mode"] == "managed" && it["instances"][0].is_object()).count()
    }

    /// Where Terraform's lock is, beside the state.
    fn lock(&self) -> String {
        format!("{}.tflock", self.key)
    }

    /// Whether somebody has Terraform's lock.
    fn locked(&self) -> bool {
        is_in_bucket(&self.emulator, &self.account, &self.bucket, &self.lock())
    }

    /// Whether the state is in the bucket.
    fn moved(&self) -> bool {
        is_in_bucket(&self.emulator, &self.account, &self.bucket, &self.key)
    }
}

/// The one process that another one started, and its command line.
fn child_of(parent: i32) -> Option<(i32, String)> {
    let children = format!("/proc/{parent}/task/{parent}/children");
    let children = fs::read_to_string(children).ok()?;
    let child: i32 = children.split_whitespace().next()?.parse().ok()?;
    let command = fs::read(Path::new("/proc").join(child.to_string()).join("cmdline")).ok()?;
    Some((child, String::from_utf8_lossy(&command).replace('\0', " ")))
}

#[test]
fn a_run_that_was_killed_is_taken_up_by_the_next_one() {
    let case = Case::new("dev");
    let applies = |doing: &str| doing.contains(" apply ");
    case.kill_when("the first resource is made", |it| applies(it) && case.known() > 0);
    let first = case.known();
    case.kill_when("most are made", |it| applies(it) && case.known() > first + 8);
    // A kill may come while Terraform writes its file over, which is there in half then. And there is
    // no earlier one: all that was made, nothing knows of.
    let text = fs::read_to_string(case.file()).unwrap();
    fs::write(case.file(), &text[..text.len() / 2]).unwrap();
    let _ = fs::remove_file(case.file().with_extension("tfstate.backup"));
    case.kill_when("the state begins to move", |it| it.contains("-migrate-state"));
    assert!(case.file().exists());
    case.kill_when("the state has arrived", |it| it.contains("-migrate-state") && case.moved());
    assert!(case.file().exists() && case.moved());
    let said = case.run();
    assert!(said.contains("the file is gone"), "{said}");
    assert!(case.run().contains("nothing to do"), "a second run changes something");
    assert!(!case.file().exists() && case.moved());

    // A later change is killed with the state in its bucket, and the lock beside it.
    let file = case.folder.join("generated/bootstrap/dev/modules/account/main.tf.json");
    let (before, after) = ("\"noncurrent_days\": 90", "\"noncurrent_days\": 60");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(before));
    fs::write(&file, text.replace(before, after)).unwrap();
    case.kill_when("a later change is applied", |it| applies(it) && case.locked());
    assert!(case.locked());
    let said = case.run();
    assert!(said.contains("the lock of a run that was killed is freed"), "{said}");
    assert!(case.run().contains("nothing to do") && !case.locked());

    // Somebody else's lock is theirs.
    let theirs = serde_json::json!({
        "ID": "6f0e7d0c-7d0c-6f0e-2f4b-0b6ac61b1a7e",
        "Operation": "OperationTypeApply",
        "Who": "somebody@elsewhere",
        "Version": "1.11.0",
        "Created": "2025-01-01T00:00:00Z",
        "Path": format!("{}/{}", case.bucket, case.key),
    });
    put(&case.emulator, &case.account, &case.bucket, &case.lock(), &theirs.to_string());
    let refused = case.start().wait_with_output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && case.locked());
    assert!(said.contains("somebody@elsewhere") && said.contains("force-unlock"), "{said}");
}
