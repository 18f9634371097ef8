//! Checks that a run of the suite leaves no process and no file behind, except for files below cargo's target folder.

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use fs_err as fs;
use processes::Process;
use tempfile::TempDir;

/// The files before a run, to compare them with those after it.
#[derive(Debug)]
pub(crate) struct Traces {
    root: PathBuf,
    /// Cargo's target folder, and the folder `target` of the repository, which may differ.
    targets: [PathBuf; 2],
    /// The folder for temporary files. It is outside of the repository, because some tests check what programs print
    /// there. It is deleted with this value.
    temporary: TempDir,
    files: BTreeSet<PathBuf>,
}

/// How long a program may take to end after the program that started it.
const PATIENCE: Duration = Duration::from_secs(10);

impl Traces {
    /// Lists the files of a repository. Programs that are started after this call have [`Traces::temporary`] as
    /// `TMPDIR`, by which they are recognized.
    pub(crate) fn before(root: &Path, target: &Path) -> io::Result<Self> {
        let temporary = tempfile::Builder::new().prefix("dofs-suite-").tempdir()?;
        let targets = [target.to_owned(), root.join("target")];
        let mut files = BTreeSet::new();
        list(root, &targets, &mut files)?;
        Ok(Traces { root: root.to_owned(), targets, temporary, files })
    }

    /// The value of `TMPDIR`.
    pub(crate) fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    /// Describes the files and processes that were not there before.
    pub(crate) fn left(&self) -> io::Result<Vec<String>> {
        let mut now = BTreeSet::new();
        list(&self.root, &self.targets, &mut now)?;
        let mut left: Vec<String> =
            now.difference(&self.files).map(|it| format!("the file {}", it.display())).collect();
        let began = Instant::now();
        let [one, other] = &self.targets;
        let ours = [self.temporary(), one, other];
        let mut left_running = running(&ours)?;
        while !left_running.is_empty() && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(200));
            left_running = running(&ours)?;
        }
        left.extend(left_running);
        Ok(left)
    }
}

/// All files of a repository, except those of cargo and git.
fn list(folder: &Path, targets: &[PathBuf], files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if targets.contains(&path) || entry.file_name() == OsStr::new(".git") {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => list(&path, targets, files)?,
            false => drop(files.insert(path)),
        }
    }
    Ok(())
}

/// The running programs whose `TMPDIR` is in one of these folders.
fn running(ours: &[&Path]) -> io::Result<Vec<String>> {
    let of_ours = processes::all()?.into_iter().filter(|it| !it.has_ended && is_one_of(it, ours));
    let own = std::process::id();
    let named = |it: Process| format!("the process {} ({})", it.id, it.command_line());
    Ok(of_ours.filter(|it| it.id != own).map(named).collect())
}

fn is_one_of(process: &Process, ours: &[&Path]) -> bool {
    let markers = ours.iter().map(|it| [b"TMPDIR=", it.as_os_str().as_encoded_bytes()].concat());
    let markers: Vec<Vec<u8>> = markers.collect();
    let is_ours = |it: &[u8]| markers.iter().any(|marker| it.starts_with(marker));
    process.environment.iter().any(|it| is_ours(it.as_encoded_bytes()))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn leftover_files_and_processes_are_listed() {
        #[track_caller]
        fn check(make: impl FnOnce(&Path), expected: &[&str]) {
            let folder = tempfile::tempdir().unwrap();
            let (root, target) = (folder.path(), folder.path().join("target"));
            fs::create_dir_all(root.join("generated/dev")).unwrap();
            fs::write(root.join("generated/dev/main.tf.json"), "{}").unwrap();
            let before = Traces::before(root, &target).unwrap();
            make(root);
            let left = before.left().unwrap();
            let expected =
                expected.iter().map(|it| format!("the file {}", root.join(it).display()));
            assert_eq!(left, expected.collect::<Vec<_>>());
        }
        check(|_| {}, &[]);
        check(|root| fs::create_dir_all(root.join("target/lambda")).unwrap(), &[]);
        check(|root| fs::write(root.join("generated/dev/main.tf.json"), "[]").unwrap(), &[]);
        check(
            |root| fs::write(root.join("generated/dev/.terraform.lock.hcl"), "").unwrap(),
            &["generated/dev/.terraform.lock.hcl"],
        );
    }

    #[test]
    fn a_process_is_known_by_its_temporary_files() {
        fn check(temporary: &str, expected: bool) {
            let mut sleep = Command::new("sleep");
            let mut sleep = sleep.arg("60").env("TMPDIR", temporary).spawn().unwrap();
            // Before the child executes `sleep`, it is a copy of this test.
            while !processes::find(sleep.id()).unwrap().unwrap().command_line().starts_with("sleep")
            {
                thread::sleep(Duration::from_millis(10));
            }
            let line = format!("the process {} (sleep 60)", sleep.id());
            let found = running(&[Path::new("/repo/target")]).unwrap();
            sleep.kill().unwrap();
            sleep.wait().unwrap();
            assert_eq!(found.contains(&line), expected, "{found:?}");
        }
        check("/tmp", false);
        check("/repo/target/tmp/suite", true);
        check("/repo/target/local/dev/aws", true);
    }
}
