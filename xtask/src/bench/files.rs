//! Lists, measures, empties and removes folders.

use std::{
    io,
    path::{Path, PathBuf},
};

use fs_err as fs;

/// All files below a folder, sorted.
pub(crate) fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false => files.push(entry.path()),
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The total size of the files below a folder, in bytes.
pub(crate) fn bytes(folder: &Path) -> io::Result<u64> {
    below(folder)?.iter().map(|it| Ok(fs::metadata(it)?.len())).sum()
}

/// Creates an empty folder. Removes an existing folder first.
pub(crate) fn empty(folder: &Path) -> io::Result<()> {
    remove(folder)?;
    fs::create_dir_all(folder)
}

/// Removes a folder, if it exists.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}
