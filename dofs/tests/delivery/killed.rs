//! `dofs bootstrap` as a process that is killed, with all of its children, during an apply and while the state moves: the next run
//! continues. A later change is also killed, while Terraform's lock is in the bucket.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use local_aws::{Account, Emulator, Variables};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process};
use serde_json::{Value, json};

use crate::{
    rights,
    support::{
        account, administrator, copy, emulator, get, is_in_bucket, put, repository, root, work,
    },
};

/// How long a run may take to reach a point.
const PATIENCE: Duration = Duration::from_secs(300);

struct Case {
    folder: PathBuf,
    emulator: Emulator,
    account: Account,
    administrator: Variables,
    bucket: String,
    key: String,
}

impl Case {
    fn new(name: &str) -> Self {
        let work = work("killed");
        let found = root(name);
        let account = account(&found);
        let emulator = emulator(&work, &account);
        // The generated files make the folder a repository for `dofs`, which writes its own files next to them.
        let folder = work.join("repository");
        copy(&repository().join("generated"), &folder.join("generated"));
        let (bucket, key) = (found.backend.bucket, found.backend.key);
        let administrator = administrator(&emulator, &account);
        Case { folder, emulator, account, administrator, bucket, key }
    }

    fn start(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dofs"));
        command.args(["bootstrap", "--env", "dev", "--yes"]).current_dir(&self.folder);
        for (name, value) in &self.administrator {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.process_group(0).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs it until a condition holds.
    #[track_caller]
    fn run_until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> Run {
        self.run_until_or_end(what, is_so).unwrap_or_else(|said| {
            panic!("it ended ({}) before {what}: {said:?}", said.status);
        })
    }

    /// The same, but returns how the run ended if it ended before.
    #[track_caller]
    fn run_until_or_end(&self, what: &str, is_so: impl Fn(&str) -> bool) -> Result<Run, Output> {
        let began = Instant::now();
        let mut run = self.start();
        let process = i32::try_from(run.id()).unwrap();
        // Terraform has its own process group, with its provider.
        let mut terraform: Option<(i32, String)> = None;
        loop {
            // Reading all processes takes longer than some of the steps. A child that is not Terraform yet is about to
            // `exec` it.
            let known = terraform.as_ref().filter(|(_, doing)| doing.contains("terraform"));
            if !known.is_some_and(|(it, _)| lives(*it)) {
                terraform = child_of(process);
            }
            let doing = terraform.as_ref().map_or("", |(_, doing)| doing.as_str());
            if is_so(doing) {
                println!("{what}: after {:.1} s", began.elapsed().as_secs_f64());
                return Ok(Run { dofs: run, terraform: terraform.map(|(process, _)| process) });
            }
            if run.try_wait().unwrap().is_some() {
                return Err(run.wait_with_output().unwrap());
            }
            assert!(began.elapsed() < PATIENCE, "{what}: it does not come so far");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs it, and kills it with all of its children as soon as a condition holds.
    #[track_caller]
    fn kill_when(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        self.run_until(what, is_so).kill();
    }

    /// Kills it after the state has arrived in the bucket, and before its file is deleted. On a busy machine the test may miss
    /// that moment: then it restores the file, with the same result.
    #[track_caller]
    fn kill_when_the_state_has_arrived(&self) {
        let state = fs::read(self.file()).unwrap();
        let arrived = |doing: &str| doing.contains("-migrate-state") && self.moved();
        match self.run_until_or_end("the state has arrived", arrived) {
            Ok(run) => run.kill(),
            Err(said) => assert!(said.status.success(), "{said:?}"),
        }
        if !self.file().exists() {
            fs::write(self.file(), state).unwrap();
        }
    }

    /// Runs it to its end, and returns its output.
    #[track_caller]
    fn run(&self) -> String {
        let output = self.start().wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs it to its end, which must be a failure, and returns its output.
    #[track_caller]
    fn refused(&self) -> String {
        let output = self.start().wait_with_output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Changes how many days the root keeps old states.
    fn keep(&self, days: u32) {
        let file = self.folder.join("generated/bootstrap/dev/modules/account/main.tf.json");
        let mut text: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let rule = &mut text["resource"]["aws_s3_bucket_lifecycle_configuration"]["state"]["rule"];
        let kept = rule.pointer_mut("/0/noncurrent_version_expiration/0/noncurrent_days").unwrap();
        assert!(*kept != days);
        *kept = days.into();
        fs::write(file, text.to_string()).unwrap();
    }

    /// Returns Terraform's lock next to the state, if there is one.
    fn lock(&self) -> Option<Value> {
        let text = get(&self.emulator, &self.account, &self.bucket, &self.lock_key())?;
        serde_json::from_str(&text).ok()
    }

    fn lock_key(&self) -> String {
        format!("{}.tflock", self.key)
    }

    /// The state file before the bucket exists.
    fn file(&self) -> PathBuf {
        self.folder.join("target/bootstrap/dev/bootstrap.tfstate")
    }

    /// Returns the number of resources in the state file.
    fn known(&self) -> usize {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        let state: Value = serde_json::from_str(&text).unwrap_or_default();
        let all = state["resources"].as_array().into_iter().flatten();
        // A resource that is being created is in the state without an instance.
        all.filter(|it| it["mode"] == "managed" && it["instances"][0].is_object()).count()
    }

    /// Whether the state is in the bucket.
    fn moved(&self) -> bool {
        is_in_bucket(&self.emulator, &self.account, &self.bucket, &self.key)
    }
}

/// A running bootstrap.
struct Run {
    dofs: Child,
    terraform: Option<i32>,
}

impl Run {
    fn tell_terraform(&self, signal: Signal) {
        for group in self.terraform.iter().filter_map(|it| Pid::from_raw(*it)) {
            kill_process_group(group, signal).unwrap();
        }
    }

    /// Kills it with all of its children.
    #[track_caller]
    fn kill(self) {
        self.tell_terraform(Signal::KILL);
        self.kill_dofs();
    }

    /// Kills it, but not its Terraform.
    #[track_caller]
    fn kill_dofs(mut self) {
        self.dofs.kill().unwrap();
        assert!(!self.dofs.wait().unwrap().success());
    }
}

fn lives(process: i32) -> bool {
    Pid::from_raw(process).is_some_and(|it| test_kill_process(it).is_ok())
}

/// Returns the only child of a process, except for the shell with the provider, and its command line.
fn child_of(parent: i32) -> Option<(i32, String)> {
    let all = processes::all().unwrap();
    let mut children = all.iter().filter(|it| it.parent == u32::try_from(parent).ok());
    let child = children.find(|it| !it.command_line().starts_with("/bin/sh "))?;
    Some((i32::try_from(child.id).unwrap(), child.command_line()))
}

#[test]
fn the_next_run_continues_after_a_kill() {
    let case = Case::new("dev");
    let applies = |doing: &str| doing.contains(" apply ");
    case.kill_when("the first resource is made", |it| applies(it) && case.known() > 0);
    let first = case.known();
    case.kill_when("most are made", |it| applies(it) && case.known() > first + 8);
    // A kill may come while Terraform overwrites the state file, which is incomplete then. Without a backup, no state knows the
    // created resources.
    let text = fs::read_to_string(case.file()).unwrap();
    fs::write(case.file(), &text[..text.len() / 2]).unwrap();
    let _ = fs::remove_file(case.file().with_extension("tfstate.backup"));
    case.kill_when("the state begins to move", |it| it.contains("-migrate-state"));
    assert!(case.file().exists());
    case.kill_when_the_state_has_arrived();
    assert!(case.file().exists() && case.moved());
    // The same for the file in which Terraform notes its backend.
    fs::write(case.file().with_file_name("terraform").join("terraform.tfstate"), "").unwrap();
    let said = case.run();
    assert!(said.contains("deleted the state file"), "{said}");
    assert!(case.run().contains("nothing to do"), "a second run changes something");
    assert!(!case.file().exists() && case.moved());
    only_the_locked_provider_is_started(&case);
    a_later_change_is_taken_up(&case);
    only_its_own_lock_is_freed(&case);
    let mut denied = rights::denied(case.emulator.log());
    // The emulator has no Service Quotas, so it cannot judge that call, and `dofs` prints a warning.
    denied.retain(|it| !it.contains("the emulator cannot judge servicequotas:"));
    assert_eq!(denied, [""; 0]);
}

/// Each run compares the installed provider with the lock file before it starts the provider.
fn only_the_locked_provider_is_started(case: &Case) {
    let file = case.folder.join("generated/bootstrap/dev/.terraform.lock.hcl");
    let lock = fs::read_to_string(&file).unwrap();
    // Change the first letter of each hash.
    fs::write(&file, lock.replace("\"h1:", "\"h1:A").replace("=\",", "\",")).unwrap();
    let said = case.refused();
    assert!(said.contains("match any of the\nchecksums previously recorded"), "{said}");
    fs::write(&file, lock).unwrap();
}

/// If the state is in the bucket, a killed Terraform leaves its lock there.
fn a_later_change_is_taken_up(case: &Case) {
    const FREED: &str = "released the state lock of a run that was killed";
    let applies = |doing: &str| doing.contains(" apply ") && case.lock().is_some();
    case.keep(60);
    case.kill_when("a later change is applied", applies);
    let first = case.lock().unwrap();
    // Kill the next run, too, while it plans with a lock of its own.
    let plans = |doing: &str| doing.contains(" plan ") && case.lock().is_some_and(|it| it != first);
    case.kill_when("that lock is freed", plans);
    let said = case.run();
    assert!(said.contains(FREED), "{said}");
    assert!(case.run().contains("nothing to do") && case.lock().is_none());

    // Two runs do not work at the same time. And if only `dofs` is killed, its Terraform lives on.
    case.keep(50);
    let run = case.run_until("another change is applied", applies);
    run.tell_terraform(Signal::STOP);
    let said = case.refused();
    assert!(said.contains("another `dofs bootstrap`"), "{said}");
    // The operating system ends stopped processes whose parent dies.
    run.tell_terraform(Signal::CONT);
    let terraform = run.terraform.unwrap();
    run.kill_dofs();
    let tell = |signal| kill_process_group(Pid::from_raw(terraform).unwrap(), signal).unwrap();
    tell(Signal::STOP);
    let said = case.refused();
    assert!(said.contains(&format!("as process {terraform}")), "{said}");
    assert!(case.lock().is_some());
    tell(Signal::KILL);
    let said = case.run();
    assert!(said.contains(FREED) && case.lock().is_none(), "{said}");
}

/// Locks of others are kept: those of another machine, and those of the same user on this machine.
fn only_its_own_lock_is_freed(case: &Case) {
    case.keep(40);
    let run = case.run_until("a lock is there", |_| case.lock().is_some());
    let who = case.lock().unwrap()["Who"].clone();
    run.kill();
    for who in [json!("somebody@elsewhere"), who] {
        let mut theirs = case.lock().unwrap();
        theirs["ID"] = "6f0e7d0c-7d0c-6f0e-2f4b-0b6ac61b1a7e".into();
        theirs["Who"] = who.clone();
        let text = theirs.to_string();
        put(&case.emulator, &case.account, &case.bucket, &case.lock_key(), &text);
        let said = case.refused();
        assert!(said.contains(who.as_str().unwrap()) && said.contains("force-unlock"), "{said}");
        assert_eq!(case.lock(), Some(theirs));
    }
}
