//! The copy of the workspace in which mutants are made. Its path never changes, so that its builds are used again.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use fs_err as fs;

use crate::workspace::said;

/// Updates the copy of all files that git tracks or would add. Equal files are not touched, so that cargo rebuilds
/// nothing for them. A mutant that a killed run has left differs, so it is replaced.
pub(super) fn copy(root: &Path, to: &Path) -> anyhow::Result<()> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = said(git)?;
    let files = listed.split('\0').filter(|it| !it.is_empty());
    // git also lists deleted files until the deletion is committed.
    let files: BTreeSet<PathBuf> =
        files.map(PathBuf::from).filter(|it| root.join(it).is_file()).collect();
    fs::create_dir_all(to)?;
    drop_others(to, to, &files)?;
    for file in &files {
        let (from, to) = (root.join(file), to.join(file));
        if fs::read(&to).ok().as_ref() != Some(&fs::read(&from)?) {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

fn drop_others(folder: &Path, top: &Path, files: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            drop_others(&path, top, files)?;
        } else if !path.strip_prefix(top).is_ok_and(|it| files.contains(it)) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_copy_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        let (root, to) = (folder.path().join("root"), folder.path().join("target/tree"));
        let write = |path: PathBuf, text: &str| {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        for (name, text) in
            [("a/same", "1"), ("a/mutated", "1"), ("gone", "1"), (".gitignore", "no\n")]
        {
            write(root.join(name), text);
        }
        write(root.join("no"), "1");
        let mut git = Command::new("git");
        git.current_dir(&root).args(["init", "--quiet"]);
        said(git).unwrap();
        copy(&root, &to).unwrap();
        assert!(to.join("gone").exists() && !to.join("no").exists());

        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        fs::File::open(to.join("a/same")).unwrap().set_modified(long_ago).unwrap();
        write(to.join("a/mutated"), "mutant");
        fs::remove_file(root.join("gone")).unwrap();
        copy(&root, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("a/mutated")).unwrap(), "1");
        assert!(!to.join("gone").exists());
        let modified = fs::metadata(to.join("a/same")).unwrap().modified().unwrap();
        assert_eq!(modified, long_ago, "what is the same is not written");
    }
}
