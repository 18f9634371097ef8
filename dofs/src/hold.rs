//! A file lock that one process holds. Unlike a process id in a file, it cannot go stale: the operating system releases it at
//! the end of its holder. Child processes do not inherit it unless they get it as stdin.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    process::Stdio,
    time::Duration,
};

use fs_err as fs;

/// A held lock. Dropping it releases the lock.
#[derive(Debug)]
pub(crate) struct Hold(File);

/// How often to try to take the lock, because [`Hold::is_taken`] holds it for a moment.
const ATTEMPTS: u32 = 20;

impl Hold {
    /// Takes the lock. Returns `None` if another process holds it.
    pub(crate) fn take(file: &Path) -> io::Result<Option<Self>> {
        let file = fs::File::create(file)?.into_parts().0;
        for _ in 0..ATTEMPTS {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Hold(file))),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(50)),
                Err(TryLockError::Error(err)) => return Err(err),
            }
        }
        Ok(None)
    }

    /// Returns a stdin with which a child process holds the lock, too, as long as it lives.
    pub(crate) fn given(&self) -> io::Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }

    /// Whether a process holds the lock.
    pub(crate) fn is_taken(file: &Path) -> io::Result<bool> {
        let file = match fs::File::open(file) {
            Ok(file) => file.into_parts().0,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(err) => return Err(err),
        };
        // A shared lock, so that several processes can check at the same time.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(err)) => Err(err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_process_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hold");
        assert!(!Hold::is_taken(&file).unwrap());
        let held = Hold::take(&file).unwrap();
        assert!(held.is_some() && Hold::is_taken(&file).unwrap());
        assert!(Hold::take(&file).unwrap().is_none());
        drop(held);
        assert!(Hold::take(&file).unwrap().is_some());
    }

    #[test]
    fn a_child_holds_the_lock_only_if_it_gets_it() {
        fn check(given: bool) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("hold");
            let held = Hold::take(&file).unwrap().unwrap();
            let stdin = if given { held.given().unwrap() } else { Stdio::null() };
            let mut sleep =
                std::process::Command::new("sleep").arg("60").stdin(stdin).spawn().unwrap();
            drop(held);
            // A program that another test starts at this moment has all open files until its `exec`.
            assert_eq!(Hold::take(&file).unwrap().is_none(), given);
            sleep.kill().unwrap();
            sleep.wait().unwrap();
            assert!(Hold::take(&file).unwrap().is_some());
        }
        check(true);
        check(false);
    }
}
