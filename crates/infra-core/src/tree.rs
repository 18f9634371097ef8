//! Compares the generated files with the files on disk, and writes them. Nothing else writes generated files.

mod path;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use foldhash::HashSet;
use fs_err as fs;
pub use path::{BadPath, RelativePath};
use similar::TextDiff;

use crate::parallel;

/// The files that a run generates: texts by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    files: BTreeMap<RelativePath, String>,
    /// The folders of the files, and all folders around them.
    folders: BTreeSet<String>,
    /// Folders that may contain nothing but these files.
    owned: BTreeSet<RelativePath>,
}

/// A file on disk that differs from the generated one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub path: RelativePath,
    /// The text on disk, if there is a file.
    pub before: Option<String>,
    /// The generated text, if there should be a file.
    pub after: Option<String>,
}

/// The result of a write.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// The created, changed and removed files, relative to the folder that was written to.
    #[serde(skip)]
    pub changed: Vec<String>,
    /// The number of created and changed files.
    pub written: usize,
    /// The number of removed files.
    pub removed: usize,
    /// The number of files that were up to date. They are not touched.
    pub unchanged: usize,
}

/// Why files could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The operating system returned an error. The message names the file.
    #[error("{0}\n  fix: make the file or folder readable and writable, and run the command again")]
    Io(#[from] io::Error),
    /// Something other than a file or folder is at a generated path, such as a link.
    #[error("{} is {is}, where a generated file or its folder belongs\n  fix: move it away, and run the command again", .path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
        /// The kind of file at the path, such as a link.
        is: &'static str,
    },
    /// A generated path leads out of the folder.
    #[error(transparent)]
    BadPath(#[from] BadPath),
    /// Two generated files have the same path.
    #[error("{0} is generated twice\n  fix: give one of the two files another path")]
    Twice(RelativePath),
    /// A path is a generated file, and also the folder of another generated file.
    #[error(
        "{inner} is generated inside of {file}, which is a file\n  fix: give one of the two files another path"
    )]
    Inside {
        /// The path that is a file.
        file: RelativePath,
        /// The path inside of it.
        inner: RelativePath,
    },
}

/// Whether Terraform itself keeps this file in a root, such as a state or a plan. It is not generated, and
/// [`Tree::write`] does not remove it.
pub fn is_terraforms_own(name: &str, kind: std::fs::FileType) -> bool {
    match name {
        // A link, too: people share one working folder among roots by linking to it.
        ".terraform" => !kind.is_file(),
        "terraform.tfstate.d" => kind.is_dir(),
        // `a.tfstate.tf.json` is not a state: Terraform reads it as configuration.
        _ if [".tf", ".tf.json"].iter().any(|it| name.ends_with(it)) => false,
        _ => kind.is_file() && (name.ends_with(".tfplan") || name.contains(".tfstate")),
    }
}

impl Tree {
    /// A tree of these files, in a folder that may contain nothing else.
    ///
    /// # Errors
    ///
    /// If [`Tree::insert`] refuses a path.
    pub fn owning(
        folder: &str,
        files: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, TreeError> {
        let mut tree = Tree::default();
        for (path, text) in files {
            tree.insert(&path, text)?;
        }
        tree.own(folder)?;
        Ok(tree)
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// If the path leads out of the tree, is taken, or is the folder of another file.
    pub fn insert(&mut self, path: &str, text: String) -> Result<(), TreeError> {
        let path = RelativePath::new(path)?;
        if self.files.contains_key(&path) {
            return Err(TreeError::Twice(path));
        }
        let inner = self.folders.contains(path.as_str()).then(|| path.join(""));
        if let Some((inner, _)) = inner.and_then(|it| self.files.range(it..).next()) {
            return Err(TreeError::Inside { inner: inner.clone(), file: path });
        }
        // Most files share their folder with a file that was added before.
        if path.folder().is_some_and(|it| !self.folders.contains(it)) {
            let outer = path.folders().find(|it| self.files.contains_key(*it));
            if let Some(file) = outer {
                return Err(TreeError::Inside { file: RelativePath::new(file)?, inner: path });
            }
            self.folders.extend(path.folders().map(str::to_owned));
        }
        self.files.insert(path, text);
        Ok(())
    }

    /// Declares that the tree owns a folder: other files in it are surplus, and are removed.
    ///
    /// # Errors
    ///
    /// If the path leads out of the tree.
    pub fn own(&mut self, folder: &str) -> Result<(), BadPath> {
        self.owned.insert(RelativePath::new(folder)?);
        Ok(())
    }

    /// The files.
    pub fn files(&self) -> impl Iterator<Item = (&RelativePath, &str)> {
        self.files.iter().map(|(path, text)| (path, text.as_str()))
    }

    /// Returns the files below `root` that differ from the tree, sorted by path. Writes nothing.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or something at a path is not a file.
    pub fn changes(&self, root: &Path) -> Result<Vec<Change>, TreeError> {
        let mut changes = Vec::new();
        for (path, text) in self.due(root)? {
            changes.push(change(path, read(root, path)?, Some(text.to_owned())));
        }
        for path in self.surplus(root)? {
            // If the file is gone by now, another run has removed it.
            if let Some(before) = read(root, &path)? {
                changes.push(change(&path, Some(before), None));
            }
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    /// The files of the tree that are missing or different on disk.
    fn due(&self, root: &Path) -> Result<Vec<(&RelativePath, &str)>, TreeError> {
        let there = self.folders_there(root)?;
        let files: Vec<_> = self.files().collect();
        let right = parallel::map(&files, |(path, text)| {
            let lies_there = path.folder().is_none_or(|it| there.contains(it));
            Ok(lies_there && read_here(root, path)?.as_deref() == Some(text.as_bytes()))
        });
        let right: Vec<bool> = right.into_iter().collect::<Result<_, TreeError>>()?;
        Ok(files.into_iter().zip(right).filter(|(_, right)| !right).map(|(it, _)| it).collect())
    }

    /// The folders of the tree that exist. None of them is a link.
    fn folders_there(&self, root: &Path) -> Result<HashSet<&str>, TreeError> {
        let mut there = HashSet::default();
        for folder in &self.folders {
            // Outer folders come first. A folder whose outer folder is missing is missing, too.
            let outer = folder.rsplit_once('/').is_none_or(|(it, _)| there.contains(it));
            if outer && is_there(root, folder)? {
                there.insert(folder.as_str());
            }
        }
        Ok(there)
    }

    /// Writes the tree below `root`, and removes surplus files. Files that are up to date are not touched. Each other
    /// file is replaced in one step, so no reader sees half of it.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or written. If reading fails, nothing was written. If writing fails, each file is
    /// either the old or the new one.
    pub fn write(&self, root: &Path) -> Result<Summary, TreeError> {
        // Everything is read before anything is written.
        let due = self.due(root)?;
        let surplus = self.surplus(root)?;
        for path in &surplus {
            read(root, path)?;
        }
        // Files are written before others are removed. So no used folder is ever empty, and another run that removes
        // empty folders keeps it.
        let work = due.len() * STEPS_OF_A_FILE;
        let written = parallel::few(&due, work, |(path, text)| replace(&path.below(root), text));
        written.into_iter().collect::<Result<(), TreeError>>()?;
        let mut changed: Vec<_> = due.iter().map(|(path, _)| path.to_string()).collect();
        let mut removed = 0;
        for path in &surplus {
            let target = path.below(root);
            match fs::remove_file(&target) {
                Ok(()) => {
                    removed += 1;
                    changed.push(path.to_string());
                }
                // Another run has removed it.
                Err(err) if err.kind() == io::ErrorKind::NotFound => (),
                Err(err) => return Err(err.into()),
            }
            remove_empty_folders(root, &target);
        }
        let (written, all) = (due.len(), self.files.len());
        changed.sort();
        Ok(Summary { changed, written, removed, unchanged: all - written })
    }

    /// The files in owned folders that the tree does not contain.
    fn surplus(&self, root: &Path) -> Result<Vec<RelativePath>, TreeError> {
        let mut surplus = Vec::new();
        let mut folders: Vec<RelativePath> = self.owned.iter().cloned().collect();
        while let Some(folder) = folders.pop() {
            let target = folder.below(root);
            let entries = match fs::read_dir(&target) {
                Ok(entries) => entries,
                Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
                Err(err) => return Err(err.into()),
            };
            for entry in entries {
                let entry = entry?;
                let name = entry.file_name();
                let Some(name) = name.to_str().filter(|it| RelativePath::new(it).is_ok()) else {
                    // The generator never writes such a name, so it is not removed.
                    let is = "something with a name that is never generated";
                    return Err(TreeError::NoFile { path: entry.path(), is });
                };
                let kind = entry.file_type()?;
                if is_terraforms_own(name, kind) {
                    continue;
                }
                let path = folder.join(name);
                // A link itself is surplus. Its target does not belong to the tree.
                if kind.is_dir() {
                    folders.push(path);
                } else if !self.files.contains_key(&path) {
                    surplus.push(path);
                }
            }
        }
        Ok(surplus)
    }
}

fn change(path: &RelativePath, before: Option<Vec<u8>>, after: Option<String>) -> Change {
    let before = before.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Change { path: path.clone(), before, after }
}

/// Reads a file, if it exists. Bytes that are not UTF-8 are replaced.
///
/// # Errors
///
/// If the path leads out of the folder, or the file cannot be read.
pub fn text(root: &Path, path: &str) -> Result<Option<String>, TreeError> {
    let bytes = read(root, &RelativePath::new(path)?)?;
    Ok(bytes.map(|it| String::from_utf8_lossy(&it).into_owned()))
}

/// Reads a file, if it exists. None of its folders may be a link.
fn read(root: &Path, path: &RelativePath) -> Result<Option<Vec<u8>>, TreeError> {
    for folder in path.folders() {
        is_there(root, folder)?;
    }
    read_here(root, path)
}

/// Whether there is something at the path of a folder. It may not be a link, because the target of a link does not
/// belong to the tree.
fn is_there(root: &Path, folder: &str) -> Result<bool, TreeError> {
    let path = path::below(root, folder);
    match fs::symlink_metadata(&path) {
        Ok(it) if it.is_symlink() => Err(TreeError::NoFile { path, is: "a link" }),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(false),
        // Other errors are reported when the folder is read.
        _ => Ok(true),
    }
}

/// Reads a file, if it exists, in a folder that was checked for links.
fn read_here(root: &Path, path: &RelativePath) -> Result<Option<Vec<u8>>, TreeError> {
    let target = path.below(root);
    match fs::symlink_metadata(&target) {
        Ok(it) if it.is_dir() => Err(TreeError::NoFile { path: target, is: "a folder" }),
        // A link counts as different, so it is replaced, and its target stays as it is.
        Ok(it) if it.is_symlink() => Ok(Some(b"(a link)".to_vec())),
        // Reading a pipe would wait for a writer, perhaps for ever.
        Ok(it) if !it.is_file() => {
            Err(TreeError::NoFile { path: target, is: "neither a file nor a folder" })
        }
        Ok(_) => found(fs::read(&target)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err.into()),
    }
}

/// The result of a read. `None` if the file no longer exists.
fn found(read: io::Result<Vec<u8>>) -> Result<Option<Vec<u8>>, TreeError> {
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err.into()),
    }
}

/// The work of writing a file, in the unit of [`parallel::few`].
const STEPS_OF_A_FILE: usize = 8;

/// Writes a temporary file next to the target, and renames it to the target.
fn replace(target: &Path, text: &str) -> Result<(), TreeError> {
    let folder = target.parent().unwrap_or(Path::new("."));
    let named = |err: io::Error| {
        io::Error::new(err.kind(), format!("failed to write `{}`: {err}", target.display()))
    };
    let beside = || {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".infra-gen-").suffix(".tfplan");
        readable(&mut builder);
        builder.tempfile_in(folder)
    };
    let mut file = match beside() {
        // The folder does not exist yet, or another run has removed it.
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            beside()
        }
        opened => opened,
    }
    .map_err(named)?;
    file.write_all(text.as_bytes()).map_err(named)?;
    file.persist(target).map_err(|err| named(err.error))?;
    Ok(())
}

/// Temporary files are private by default. A generated file gets the permissions of the user's umask.
#[cfg(unix)]
fn readable(file: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt as _;
    file.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable(_: &mut tempfile::Builder<'_, '_>) {}

/// Removes the folders of a removed file that are empty now.
fn remove_empty_folders(root: &Path, file: &Path) {
    let folders = file.ancestors().skip(1).take_while(|it| *it != root);
    for folder in folders {
        // A folder that is not empty stays, and so do the folders above it.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// The largest number of lines of a file's diff that are printed.
const DIFF_LINES: usize = 200;

impl Change {
    /// The change as a unified diff.
    pub fn diff(&self) -> String {
        let name = |side: &str, there: bool| match there {
            true => format!("{side}/{}", self.path),
            false => "/dev/null".to_owned(),
        };
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        let text = TextDiff::from_lines(before.unwrap_or(""), after.unwrap_or(""))
            .unified_diff()
            .header(&name("a", before.is_some()), &name("b", after.is_some()))
            .to_string();
        let count = text.lines().count();
        if count <= DIFF_LINES {
            return text;
        }
        let shown: Vec<_> = text.lines().take(DIFF_LINES).collect();
        format!("{}\n… {} more lines\n", shown.join("\n"), count - DIFF_LINES)
    }
}

#[cfg(test)]
mod tests;
