//! The durations of jobs in earlier runs, which are kept in cargo's target folder.

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
    /// Reads the durations from a folder. If they are missing or cannot be read, none is known.
    pub(crate) fn read(folder: &Path) -> Self {
        let file = folder.join("seconds.json");
        let seconds = fs::read(&file).ok().and_then(|it| serde_json::from_slice(&it).ok());
        Times { file, seconds: seconds.unwrap_or_default() }
    }

    /// The duration of a job.
    pub(crate) fn of(&self, name: &str) -> Option<u64> {
        self.seconds.get(name).copied()
    }

    /// Records the duration of a job.
    pub(crate) fn took(&mut self, name: String, time: Duration) {
        self.seconds.insert(name, time.as_secs());
    }

    /// Writes the durations for the next run.
    pub(crate) fn write(&self) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(&self.seconds)?;
        fs::write(&self.file, text).context("how long each job took cannot be kept")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_kept_for_the_next_run() {
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
