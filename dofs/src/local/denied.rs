//! What the emulated AWS denies, for whoever has brought it up.

use std::{
    collections::BTreeSet,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use fs_err as fs;

/// How a line of the emulator's log begins that tells a refusal.
const DENIED: &str = "denied: ";

/// The refusals in an emulator's log.
#[derive(Debug)]
pub(super) struct Denied {
    log: PathBuf,
    read: u64,
    told: BTreeSet<String>,
}

impl Denied {
    /// Those from now on.
    pub(super) fn from_now(log: &Path) -> Self {
        let read = fs::metadata(log).map_or(0, |it| it.len());
        Denied { log: log.to_owned(), read, told: BTreeSet::new() }
    }

    /// Those since the last look, each once: a service that polls is refused all the time.
    pub(super) fn since_last_look(&mut self) -> Vec<String> {
        // Where the log cannot be read, the emulator's end says so soon.
        let mut said = self.rest().unwrap_or_default();
        // The last line may not be whole yet.
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
    fn each_refusal_is_told_once_and_as_a_whole() {
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
