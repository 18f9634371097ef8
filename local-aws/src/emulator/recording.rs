//! The files in which emulators record their requests.

use std::path::{Path, PathBuf};

use fs_err as fs;

/// The environment variable with the folder of the recordings. Without it, nothing is recorded.
const FOLDER: &str = "DOFS_RECORDINGS";

/// Returns the folder of the recordings, if the variable is set.
#[expect(clippy::disallowed_methods, reason = "a choice of whoever tests, which no function reads")]
pub(super) fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).filter(|it| !it.is_empty()).map(PathBuf::from)
}

/// Creates the folder, and returns the file for one emulator. Its name is the end of the emulator's own folder, so that people see
/// whose requests it has: `tmp+command+minutes+aws+4566.jsonl`.
pub(super) fn file(folder: &Path, work: &Path, port: u16) -> std::io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    // The path must be absolute, because the emulator has another working folder.
    let folder = fs::canonicalize(folder)?;
    let parts: Vec<_> = work.components().map(|it| it.as_os_str().to_string_lossy()).collect();
    let name = parts[parts.len().saturating_sub(4)..].join("+");
    Ok(folder.join(format!("{name}+{port}.jsonl")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_named_after_its_emulator() {
        let folder = tempfile::tempdir().unwrap();
        let check = |work: &str, name: &str| {
            let file = file(&folder.path().join("new"), Path::new(work), 4566).unwrap();
            assert_eq!(file.file_name().unwrap(), name);
            assert!(file.parent().unwrap().is_dir());
        };
        check("/a/target/tmp/command/minutes/aws", "tmp+command+minutes+aws+4566.jsonl");
        check("aws", "aws+4566.jsonl");
    }
}
