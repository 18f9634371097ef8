//! The saved state of an emulator, from one run to the next.

use std::{
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use fs_err as fs;
use serde::Deserialize;

use crate::patches;

/// A folder with the saved state of an emulator, in one file: see `keep.py`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    folder: PathBuf,
}

/// A saved state that can be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// When it was saved.
    pub at: SystemTime,
    /// Whether the emulator saved it at its end. If not, the emulator was killed, and later changes are lost.
    pub is_end: bool,
    /// The port of the emulator, which is part of the addresses of queues and functions.
    pub port: u16,
}

/// Why a state cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not a saved state.
    #[error("{0} is not a saved state of the emulator")]
    Unreadable(PathBuf),
    /// Another version of the emulator saved it.
    #[error("{0} was saved by another version of the emulator, or with other patches")]
    OtherProgram(PathBuf),
    /// An error of the operating system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The first line of a state.
#[derive(Deserialize)]
struct About {
    program: String,
    saved: f64,
    is_end: bool,
    port: u16,
}

impl Store {
    /// Returns the store in this folder, which need not exist.
    pub fn at(folder: PathBuf) -> Self {
        Store { folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the last saved state, if there is one.
    ///
    /// # Errors
    ///
    /// If it cannot be loaded.
    pub fn last(&self) -> Result<Option<Saved>, StoreError> {
        let path = self.folder.join("state");
        let file = match fs::File::open(&path) {
            Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut line = Vec::new();
        BufReader::new(file).read_until(b'\n', &mut line)?;
        let Some((about, at)) = read(&line) else { return Err(StoreError::Unreadable(path)) };
        if about.program != patches::fingerprint() {
            return Err(StoreError::OtherProgram(path));
        }
        Ok(Some(Saved { at, is_end: about.is_end, port: about.port }))
    }

    /// Moves the saved state away, so that the next run starts without it. It is deleted when that run saves its own state;
    /// until then, [`Store::take_back`] restores it.
    ///
    /// # Errors
    ///
    /// If it cannot be moved.
    pub fn put_by(&self) -> io::Result<()> {
        if !self.has_state()? {
            // A state that was moved away before is still the last saved one.
            return Ok(());
        }
        let by = self.beside("old");
        remove(&by)?;
        fs::rename(&self.folder, by)
    }

    /// Restores the state that was moved away, if nothing was saved since.
    ///
    /// # Errors
    ///
    /// If it cannot be moved.
    pub fn take_back(&self) -> io::Result<()> {
        let by = self.beside("old");
        if self.has_state()? || !fs::exists(&by)? {
            return Ok(());
        }
        remove(&self.folder)?;
        fs::rename(by, &self.folder)
    }

    /// Moves a state aside that this emulator cannot load, and returns its new path. Nothing deletes it there.
    ///
    /// # Errors
    ///
    /// If it cannot be moved.
    pub fn set_aside(&self) -> io::Result<PathBuf> {
        let mut number = 1;
        let aside = loop {
            let aside = self.beside(&format!("unreadable-{number}"));
            if !fs::exists(&aside)? {
                break aside;
            }
            number += 1;
        };
        fs::rename(&self.folder, &aside)?;
        Ok(aside)
    }

    fn has_state(&self) -> io::Result<bool> {
        fs::exists(self.folder.join("state"))
    }

    fn beside(&self, what: &str) -> PathBuf {
        let mut name = self.folder.clone().into_os_string();
        name.push(format!(".{what}"));
        name.into()
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

fn read(line: &[u8]) -> Option<(About, SystemTime)> {
    let about: About = serde_json::from_slice(line).ok()?;
    let since = Duration::try_from_secs_f64(about.saved).ok()?;
    let at = SystemTime::UNIX_EPOCH.checked_add(since)?;
    Some((about, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_state_of_this_emulator_is_loaded() {
        fn check(text: Option<&str>, expected: Result<Option<u16>, &str>) {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::at(folder.path().join("kept"));
            if let Some(text) = text {
                fs::create_dir_all(store.folder()).unwrap();
                fs::write(store.folder().join("state"), text).unwrap();
            }
            match (store.last(), expected) {
                (Ok(found), Ok(port)) => assert_eq!(found.map(|it| it.port), port),
                (Err(err), Err(words)) => assert!(err.to_string().contains(words), "{err}"),
                (found, _) => panic!("{found:?}"),
            }
        }
        let of = |program: &str, saved: &str| {
            format!(
                "{{\"program\":\"{program}\",\"saved\":{saved},\"is_end\":true,\"port\":1}}\n\u{1}payload"
            )
        };
        check(None, Ok(None));
        check(Some(&of(&patches::fingerprint(), "1795971467.5")), Ok(Some(1)));
        check(Some(&of("another", "1795971467.5")), Err("by another version of the emulator"));
        check(
            Some(&of(&patches::fingerprint(), "-1")),
            Err("is not a saved state of the emulator"),
        );
        check(
            Some(&of(&patches::fingerprint(), "1e300")),
            Err("is not a saved state of the emulator"),
        );
        check(Some(""), Err("is not a saved state of the emulator"));
        check(Some("{}\n"), Err("is not a saved state of the emulator"));
    }

    #[test]
    fn a_state_that_is_moved_away_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("kept"));
        let save = |text: &str| {
            fs::create_dir_all(store.folder()).unwrap();
            fs::write(store.folder().join("state"), text).unwrap();
        };
        let state = |folder: &Path| fs::read_to_string(folder.join("state")).ok();
        store.put_by().unwrap();
        store.take_back().unwrap();
        save("1");
        store.put_by().unwrap();
        assert_eq!(store.last().unwrap(), None);
        // A run that saves nothing, and another run without the old state.
        fs::create_dir_all(store.folder().join("lambda-blobs")).unwrap();
        store.put_by().unwrap();
        store.take_back().unwrap();
        assert_eq!(state(store.folder()).as_deref(), Some("1"));
        // A newer saved state has precedence.
        store.put_by().unwrap();
        save("2");
        store.take_back().unwrap();
        assert_eq!(state(store.folder()).as_deref(), Some("2"));
        store.put_by().unwrap();
        store.take_back().unwrap();
        assert_eq!(state(store.folder()).as_deref(), Some("2"));

        let first = store.set_aside().unwrap();
        save("3");
        let second = store.set_aside().unwrap();
        assert_eq!((state(&first).as_deref(), state(&second).as_deref()), (Some("2"), Some("3")));
        assert_eq!(store.last().unwrap(), None);
    }
}
