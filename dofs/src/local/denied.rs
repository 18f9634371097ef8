//! Reads the denied calls from the log of the emulated AWS.

use std::{
    collections::BTreeSet,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use fs_err as fs;

/// The prefix of a line about a denied call.
const DENIED: &str = "denied: ";

/// The denied calls in an emulator's log.
#[derive(Debug)]
pub(super) struct Denied {
    log: PathBuf,
    read: u64,
    told: BTreeSet<String>,
}

impl Denied {
    /// Starts at the current end of the log.
    pub(super) fn from_now(log: &Path) -> Self {
        let read = fs::metadata(log).map_or(0, |it| it.len());
        Denied { log: log.to_owned(), read, told: BTreeSet::new() }
    }

    /// Returns the denied calls since the last call of this function. It returns equal lines once, because a service that polls is
    /// denied all the time.
    pub(super) fn since_last_look(&mut self) -> Vec<String> {
        // If the log cannot be read, the emulator has ended, which is reported elsewhere.
        let mut said = self.rest().unwrap_or_default();
        // Leave out the last line, which may be incomplete.
        said.truncate(said.iter().rposition(|it| *it == b'\n').map_or(0, |it| it + 1));
        self.read += said.len() as u64;
        let said = String::from_utf8_lossy(&said);
        let new = said.lines().filter(|it| it.starts_with(DENIED)).map(str::to_owned);
        new.filter(|it| self.told.insert(it.clone())).collect()
    }

    fn rest(&self) -> io::Result<Vec<u8>> {
        let mut file = fs::File::open(&self.log)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut said = Vec::new();
        file.read_to_end(&mut said)?;
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn each_denied_call_is_returned_once_and_complete() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut file = fs::File::create(&log).unwrap();
        writeln!(file, "denied: before").unwrap();
        let mut denied = Denied::from_now(&log);
        assert_eq!(denied.since_last_look(), [""; 0]);
        write!(file, "another line\ndenied: one\ndenied: tw").unwrap();
        assert_eq!(denied.since_last_look(), ["denied: one"]);
        assert_eq!(denied.since_last_look(), [""; 0]);
        write!(file, "o\ndenied: one\nit was denied: three\n").unwrap();
        assert_eq!(denied.since_last_look(), ["denied: two"]);
    }
}
