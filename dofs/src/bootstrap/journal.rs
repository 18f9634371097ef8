//! Notes of a run for the next one, in case it is killed.
//!
//! During an apply, Terraform's lock is next to the state in the bucket. A Terraform that is killed leaves its lock there. To
//! release it safely, the next run must know that the owner is gone:
//!
//! - Terraform logs the ID of a lock before it requests the lock. So a lock with an ID from that log is ours, and any other
//!   lock is not.
//! - The journal has the process id of Terraform. A killed run may leave Terraform alive: then the next run stops.
//!
//! <https://developer.hashicorp.com/terraform/language/state/locking>
//! <https://developer.hashicorp.com/terraform/internals/debugging>

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use fs_err as fs;
use terraform_cli::Terraform;

use super::process::Process;
use crate::{child::Child, hold::Hold};

/// How long a killed Terraform may take to end, while the operating system frees its memory.
const DYING: Duration = Duration::from_secs(5);

/// Two files that outlive a killed run.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    /// Terraform's log. It exists during an apply, and so after an apply that was killed.
    applying: PathBuf,
    /// The process of the last Terraform. Until it is written down, the process that holds the lock on this file counts.
    process: PathBuf,
}

impl Journal {
    pub(super) fn below(work: &Path) -> Self {
        Journal { applying: work.join("applying"), process: work.join("terraform.process") }
    }

    /// Whether an apply is running, or was killed.
    pub(super) fn is_open(&self) -> bool {
        self.applying.exists()
    }

    /// Starts the log: later runs of Terraform write it.
    pub(super) fn open(&self) -> anyhow::Result<()> {
        fs::OpenOptions::new().create(true).append(true).open(&self.applying)?;
        Ok(())
    }

    pub(super) fn close(&self) -> anyhow::Result<()> {
        if self.is_open() {
            fs::remove_file(&self.applying)?;
        }
        Ok(())
    }

    /// Starts Terraform, and writes down its process id.
    pub(crate) fn record(
        &self,
        terraform: &Terraform,
        start: impl FnOnce(&Terraform, Stdio) -> anyhow::Result<Child>,
    ) -> anyhow::Result<Child> {
        // Use a new file each time: a provider may outlive its Terraform, and still holds the old file.
        match fs::remove_file(&self.process) {
            Err(err) if err.kind() != ErrorKind::NotFound => return Err(err.into()),
            _ => (),
        }
        let hold = Hold::take(&self.process)?.context("another run is starting Terraform")?;
        let child = match self.is_open() {
            false => start(terraform, hold.given()?)?,
            true => start(&self.logged(terraform), hold.given()?)?,
        };
        if let Some(process) = child.process() {
            fs::write(&self.process, Process::of(process).text())?;
        }
        Ok(child)
    }

    /// Returns a Terraform that appends to the log. This overrides the user's own log settings.
    fn logged(&self, terraform: &Terraform) -> Terraform {
        terraform.clone().with_environment([
            ("TF_LOG", None),
            ("TF_LOG_CORE", Some("INFO".to_owned())),
            ("TF_LOG_PROVIDER", None),
            ("TF_LOG_PATH", Some(self.applying.to_string_lossy().into_owned())),
        ])
    }

    /// Returns an error if the Terraform of a killed run is still alive.
    pub(super) fn no_other_run_is_alive(&self) -> anyhow::Result<()> {
        if !self.process.exists() {
            return Ok(());
        }
        let file = self.process.display();
        let (lives, which) = match Process::read(&fs::read_to_string(&self.process)?) {
            Some(process) => (process.outlives(DYING), format!("process {}", process.number)),
            // The run was killed while it started Terraform.
            None => (Hold::is_taken(&self.process)?, format!("the process that has {file} open")),
        };
        ensure!(
            !lives,
            "the Terraform of a run that was killed is still running, as {which}\n  fix: wait until it has \
             ended, and run this command again; if that process is another program, delete {file}"
        );
        Ok(())
    }

    /// Returns the ID of the lock in an error of Terraform, if our own Terraform took that lock on this machine.
    pub(super) fn own(&self, error: &str) -> anyhow::Result<Option<String>> {
        let Some(lock) = Lock::told(error) else { return Ok(None) };
        let log = fs::read(&self.applying).context("Terraform's log cannot be read")?;
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(lock.is_of(&host, &String::from_utf8_lossy(&log)).then_some(lock.id))
    }
}

/// A lock, as Terraform's error describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lock {
    id: String,
    /// `user@host`
    who: String,
}

impl Lock {
    /// Parses the lock in an error.
    fn told(error: &str) -> Option<Self> {
        let (_, info) = error.split_once("Lock Info:")?;
        let field = |name: &str| {
            let mut lines = info.lines().map(|it| it.trim_start_matches(['│', ' ']));
            lines.find_map(|it| it.strip_prefix(name)).map(|it| it.trim().to_owned())
        };
        Some(Lock { id: field("ID:")?, who: field("Who:")? })
    }

    /// Whether this host's Terraform requested it, according to this log.
    fn is_of(&self, host: &str, log: &str) -> bool {
        let here = self.who.rsplit_once('@').is_some_and(|(_, it)| it == host);
        here && log.lines().filter_map(asked_for).any(|it| it == self.id)
    }
}

/// Returns the ID of the lock that Terraform requests in a line of its log.
fn asked_for(line: &str) -> Option<&str> {
    let field = |name: &'static str| line.split(' ').find_map(move |it| it.strip_prefix(name));
    // The S3 backend has used these field names since its first version with lock files.
    field("tf_backend.operation=").filter(|it| *it == "Lock")?;
    field("tf_backend.lock.id=")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "9c4d0c0b-7d0c-6f0e-2f4b-0b6ac61b1a7e";
    const OTHER: &str = "00000000-7d0c-6f0e-2f4b-0b6ac61b1a7e";

    fn told(id: &str, who: &str) -> String {
        format!(
            "`terraform plan` failed (exit status: 1)\n\
             ╷\n\
             │ Error: Error acquiring the state lock\n\
             │ \n\
             │ Error message: operation error S3: PutObject, https response error\n\
             │ StatusCode: 412\n\
             │ Lock Info:\n\
             │   ID:        {id}\n\
             │   Path:      dofs-state/bootstrap/dev.tfstate\n\
             │   Operation: OperationTypeApply\n\
             │   Who:       {who}\n\
             │   Version:   1.11.4\n\
             │   Created:   2025-11-28 08:05:00.123456789 +0000 UTC\n\
             │   Info:      \n\
             ╵\n"
        )
    }

    fn log(operation: &str, id: &str) -> String {
        format!(
            "2025-11-28T08:05:00.123Z [INFO]  Go runtime version: go1.23.3\n\
             2025-11-28T08:05:01.123Z [INFO]  backend-s3: Attempting to lock remote state (S3 Native \
             only): tf_backend.operation={operation} tf_backend.lock.id={id} \
             tf_backend.lock.operation=OperationTypeApply tf_backend.lock.who=ana@desk\n"
        )
    }

    #[test]
    fn a_lock_is_read_from_an_error_of_terraform() {
        fn check(said: &str, expected: Option<(&str, &str)>) {
            let expected =
                expected.map(|(id, who)| Lock { id: id.to_owned(), who: who.to_owned() });
            assert_eq!(Lock::told(said), expected, "{said}");
        }
        check(&told(ID, "ana@desk"), Some((ID, "ana@desk")));
        check(&told(ID, "ana@desk").replace("│ ", ""), Some((ID, "ana@desk")));
        check("Error: Unsupported argument\n  ID: 4\n  Who: me", None);
        check(&told(ID, "ana@desk").replace("Who:", "By:"), None);
        check(&told(ID, "ana@desk").replace("ID:", "Number:"), None);
        check("Error: Error acquiring the state lock\n\nLock Info:\n", None);
    }

    #[test]
    fn a_lock_is_ours_if_our_terraform_requested_it_on_this_host() {
        fn check(id: &str, who: &str, log: &str, expected: bool) {
            let lock = Lock::told(&told(id, who)).unwrap();
            assert_eq!(lock.is_of("desk", log), expected, "{lock:?} {log}");
        }
        check(ID, "ana@desk", &log("Lock", ID), true);
        check(ID, "ana@desk", &[log("Lock", OTHER), log("Lock", ID)].concat(), true);
        // A parallel run of the same user has another ID.
        check(OTHER, "ana@desk", &log("Lock", ID), false);
        check(ID, "ana@desk", "", false);
        // An unlock or an error about a lock is not a request.
        check(ID, "ana@desk", &log("Unlock", ID), false);
        check(ID, "ana@desk", &told(ID, "ana@desk"), false);
        check(&ID[..8], "ana@desk", &log("Lock", ID), false);
        check(ID, "ana@laptop", &log("Lock", ID), false);
        check(ID, "ana@my-desk", &log("Lock", ID), false);
        check(ID, "desk", &log("Lock", ID), false);
    }

    #[test]
    fn a_run_stops_while_an_earlier_terraform_may_live() {
        fn check(process: Option<&str>, held: bool, expected: Option<&str>) {
            let folder = tempfile::tempdir().unwrap();
            let journal = Journal::below(folder.path());
            let hold = held.then(|| Hold::take(&journal.process).unwrap().unwrap());
            if let Some(text) = process {
                fs::write(&journal.process, text).unwrap();
            }
            let said = journal.no_other_run_is_alive().map_err(|err| err.to_string());
            match expected {
                None => assert_eq!(said, Ok(())),
                Some(expected) => {
                    let said = said.unwrap_err();
                    assert!(said.contains(expected) && said.contains("fix: "), "{said}");
                }
            }
            drop(hold);
        }
        let own = Process::of(rustix::process::getpid());
        check(None, false, None);
        check(Some(&own.text()), false, Some(&format!("as process {}", own.number)));
        let gone = format!("{} 1\n", i32::MAX);
        check(Some(&gone), false, None);
        // A provider may outlive its Terraform.
        check(Some(&gone), true, None);
        // The run was killed while it started Terraform: before the start, and after it.
        check(Some(""), false, None);
        check(Some(""), true, Some("the process that has"));
    }

    #[test]
    fn an_own_lock_is_found_in_the_log_of_a_killed_run() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::below(folder.path());
        assert!(!journal.is_open());
        journal.open().unwrap();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let said = told(ID, &format!("ana@{host}"));
        assert_eq!(journal.own(&said).unwrap(), None);
        fs::write(&journal.applying, log("Lock", ID)).unwrap();
        journal.open().unwrap();
        assert_eq!(journal.own(&said).unwrap().as_deref(), Some(ID));
        assert_eq!(journal.own("Error: something else").unwrap(), None);
        journal.close().unwrap();
        assert!(!journal.is_open());
    }
}
