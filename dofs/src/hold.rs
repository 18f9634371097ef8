//! A file that one process has to itself. A process number may be another program's tomorrow; this ends
//! with its holder, however that ends, and no program that it starts has it, too, unless it is given it.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    process::Stdio,
    time::Duration,
};

use fs_err as fs;

/// Held for as long as this is there.
#[derive(Debug)]
pub(crate) struct Hold(File);

/// How often it is tried: who only looks holds it for a moment.
const ATTEMPTS: u32 = 20;

impl Hold {
    /// Takes it, or nothing where another process has it.
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

    /// A program's input, by which it has this as well for as long as it lives.
    pub(crate) fn given(&self) -> io::Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }

    /// Whether a process has it.
    pub(crate) fn is_taken(file: &Path) -> io::Result<bool> {
        let file = match fs::File::open(file) {
            Ok(file) => file.into_parts().0,
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(err) => return Err(err),
        };
        // With others who only look.
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
    fn only_one_has_it_at_a_time() {
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
    fn a_program_has_it_that_was_given_it() {
        fn check(given: bool) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("hold");
            let held = Hold::take(&file).unwrap().unwrap();
            let stdin = if given { held.given().unwrap() } else { Stdio::null() };
            let mut sleep =
                std::process::Command::new("sleep").arg("60").stdin(stdin).spawn().unwrap();
            drop(held);
            // Another test may start a program just now, which has all files for a moment.
            assert_eq!(Hold::take(&file).unwrap().is_none(), given);
            sleep.kill().unwrap();
            sleep.wait().unwrap();
            assert!(Hold::take(&file).unwrap().is_some());
        }
        check(true);
        check(false);
    }
}
