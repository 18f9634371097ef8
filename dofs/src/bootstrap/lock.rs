//! Terraform's lock, where a run of ours was killed that had it.
//!
//! Beside the state in its bucket lies a lock while somebody plans or applies. Who is killed leaves it
//! there, and nobody may free it but who knows that its owner is gone. A run of ours is known by what it
//! has written down in a journal: when it started Terraform, and as which process.
//!
//! <https://developer.hashicorp.com/terraform/language/state/locking>

use std::{
    io::Write as _,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use fs_err as fs;
use rustix::process::{Pid, test_kill_process};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Terraform takes its lock soon after it was started: within so many seconds.
const SOON: i64 = 60;

/// Every Terraform that was started since the last run that came to its end. The file is there while a
/// run is at work, and so after one that was killed.
#[derive(Debug, Clone)]
pub(crate) struct Journal(PathBuf);

/// A start of Terraform: when, in seconds since 1970, and as which process.
type Start = (i64, i32);

impl Journal {
    pub(super) fn at(file: PathBuf) -> Self {
        Journal(file)
    }

    /// Whether a run was killed, or is at work.
    pub(super) fn exists(&self) -> bool {
        self.0.exists()
    }

    pub(super) fn open(&self) -> anyhow::Result<()> {
        fs::OpenOptions::new().create(true).append(true).open(&self.0)?;
        Ok(())
    }

    pub(super) fn close(&self) -> anyhow::Result<()> {
        if self.exists() {
            fs::remove_file(&self.0)?;
        }
        Ok(())
    }

    /// Writes down that Terraform was started, where a run is at work.
    pub(crate) fn started(&self, process: Pid) -> anyhow::Result<()> {
        if self.exists() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let mut file = fs::OpenOptions::new().append(true).open(&self.0)?;
            writeln!(file, "{} {}", now.as_secs(), process.as_raw_nonzero())?;
        }
        Ok(())
    }

    /// Of the lock that Terraform told of in an error: its ID, where the run that took it is one of
    /// these, and gone.
    pub(super) fn left(&self, error: &str) -> anyhow::Result<Option<String>> {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let starts = read(&fs::read_to_string(&self.0).unwrap_or_default());
        let Some(lock) = Lock::told(error).filter(|it| it.is_of(&host, &starts)) else {
            return Ok(None);
        };
        let mut started = starts.iter().filter_map(|(_, process)| Pid::from_raw(*process));
        if let Some(alive) = started.find(|it| test_kill_process(*it).is_ok()) {
            anyhow::bail!(
                "Terraform is still at work for another run of this, as process {}\n  fix: wait until it is \
                 done, and run this again; where that process is another program by now, delete {}",
                alive.as_raw_nonzero(),
                self.0.display()
            );
        }
        Ok(Some(lock.id))
    }
}

fn read(journal: &str) -> Vec<Start> {
    let line = |line: &str| {
        let (at, process) = line.split_once(' ')?;
        Some((at.parse().ok()?, process.parse().ok()?))
    };
    journal.lines().filter_map(line).collect()
}

/// A lock, as Terraform tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lock {
    id: String,
    /// `user@host`
    who: String,
    /// In seconds since 1970.
    created: i64,
}

impl Lock {
    /// The lock that an error tells of.
    fn told(error: &str) -> Option<Self> {
        let (_, info) = error.split_once("Lock Info:")?;
        let field = |name: &str| {
            let mut lines = info.lines().map(|it| it.trim_start_matches(['│', '|', ' ']));
            lines.find_map(|it| it.strip_prefix(name)).map(str::trim)
        };
        // As Go writes a time: `2026-11-28 08:05:00.123456789 +0000 UTC`.
        let created = field("Created:")?.get(..19)?.replace(' ', "T");
        let created = OffsetDateTime::parse(&format!("{created}Z"), &Rfc3339).ok()?;
        Some(Lock {
            id: field("ID:")?.to_owned(),
            who: field("Who:")?.to_owned(),
            created: created.unix_timestamp(),
        })
    }

    /// Whether one of these starts of Terraform, on this host, took it.
    fn is_of(&self, host: &str, starts: &[Start]) -> bool {
        let soon = |(at, _): &Start| (*at - 1..=at + SOON).contains(&self.created);
        self.who.split_once('@').is_some_and(|(_, it)| it == host) && starts.iter().any(soon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
╷
│ Error: Error acquiring the state lock
│ 
│ Error message: operation error S3: PutObject, https response error StatusCode: 412
│ Lock Info:
│   ID:        9c4d0c0b-7d0c-6f0e-2f4b-0b6ac61b1a7e
│   Path:      dofs-state/bootstrap/dev.tfstate
│   Operation: OperationTypeApply
│   Who:       ana@desk
│   Version:   1.11.4
│   Created:   2026-11-28 08:05:00.123456789 +0000 UTC
│   Info:      
╵";
    const CREATED: i64 = 1_795_853_100;

    #[test]
    fn a_lock_is_read_from_what_terraform_says() {
        let lock = Lock::told(TOLD).unwrap();
        assert_eq!(lock.id, "9c4d0c0b-7d0c-6f0e-2f4b-0b6ac61b1a7e");
        assert_eq!((lock.who.as_str(), lock.created), ("ana@desk", CREATED));
        assert_eq!(Lock::told("Error: something else"), None);
        assert_eq!(Lock::told(&TOLD.replace("2026-11-28", "yesterday")), None);
        assert_eq!(Lock::told(&TOLD[..TOLD.find("ID:").unwrap()]), None);
    }

    #[test]
    fn a_lock_is_ours_where_we_started_terraform_then_and_here() {
        fn check(host: &str, starts: &[Start], expected: bool) {
            assert_eq!(
                Lock::told(TOLD).unwrap().is_of(host, starts),
                expected,
                "{host} {starts:?}"
            );
        }
        check("desk", &[(CREATED - 5, 1)], true);
        check("desk", &[(CREATED - 900, 1), (CREATED, 2)], true);
        check("desk", &[(CREATED - SOON - 1, 1)], false);
        check("desk", &[(CREATED + 2, 1)], false);
        check("desk", &[], false);
        check("esk", &[(CREATED - 5, 1)], false);
        check("ana", &[(CREATED - 5, 1)], false);
    }

    #[test]
    fn a_journal_is_read_line_by_line() {
        assert_eq!(read("17 4\nan apply runs\n\n18 x\n19 5\n20"), [(17, 4), (19, 5)]);
    }

    #[test]
    fn a_lock_whose_terraform_lives_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::at(folder.path().join("applying"));
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let told = TOLD.replace("@desk", &format!("@{host}"));
        assert!(journal.left(&told).unwrap().is_none(), "no run was killed");
        std::fs::write(&journal.0, format!("{CREATED} {}\n", std::process::id())).unwrap();
        let said = journal.left(&told).unwrap_err().to_string();
        assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
        // No process has the largest number that there is.
        std::fs::write(&journal.0, format!("{CREATED} {}\n", i32::MAX)).unwrap();
        assert!(journal.left(&told).unwrap().is_some());
        journal.close().unwrap();
        assert!(!journal.exists());
    }
}
