//! How long each job took the last time: what is kept in cargo's target folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use fs_err as fs;

/// Seconds by name.
#[derive(Debug)]
pub(crate) struct Times {
    file: PathBuf,
    seconds: BTreeMap<String, u64>,
}

impl Times {
    /// Those in a folder. Where there are none, or none that can be read, nothing is known.
    pub(crate) fn read(folder: &Path) -> Self {
        let file = folder.join("seconds.json");
        let seconds = fs::read(&file).ok().and_then(|it| serde_json::from_slice(&it).ok());
        Times { file, seconds: seconds.unwrap_or_default() }
    }

    /// How long a job took.
    pub(crate) fn of(&self, name: &str) -> Option<u64> {
        self.seconds.get(name).copied()
    }

    /// A job took so long.
    pub(crate) fn took(&mut self, name: String, time: Duration) {
        self.seconds.insert(name, time.as_secs());
    }

    /// Keeps them for the next run.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(&self.seconds)?;
        fs::write(&self.file, text).context("how long each job took cannot be kept")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_knows_what_took_how_long() {
        let folder = tempfile::tempdir().unwrap();
        let mut times = Times::read(folder.path());
        assert_eq!(times.of("a"), None);
        times.took("a".to_owned(), Duration::from_millis(7900));
        times.write().unwrap();
        assert_eq!(Times::read(folder.path()).of("a"), Some(7));
        fs::write(folder.path().join("seconds.json"), "{ half").unwrap();
        assert_eq!(Times::read(folder.path()).of("a"), None);
    }
}
