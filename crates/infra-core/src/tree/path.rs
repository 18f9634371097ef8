//! Relative paths that cannot lead out of their folder.

use std::{
    borrow::Borrow,
    fmt,
    path::{Path, PathBuf},
};

/// A path below a folder: names with `/` between them, none of them special.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelativePath(String);

/// The error for a path that may lead out of its folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a relative path below a folder\n  fix: join plain names with /, without . or .."
)]
pub struct BadPath(String);

impl RelativePath {
    /// Parses a path.
    ///
    /// # Errors
    ///
    /// If it is absolute, contains `..` or an empty part, or is special on some operating system.
    pub fn new(path: &str) -> Result<Self, BadPath> {
        let special = |it: u8| matches!(it, b'\\' | b':' | b'\0' | b'\n');
        let plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
        let bytes = path.as_bytes();
        match !bytes.iter().copied().any(special) && bytes.split(|it| *it == b'/').all(plain) {
            true => Ok(RelativePath(path.to_owned())),
            false => Err(BadPath(path.to_owned())),
        }
    }

    /// Appends a name, which [`RelativePath::new`] must accept.
    pub(super) fn join(&self, name: &str) -> Self {
        RelativePath(format!("{}/{name}", self.0))
    }

    /// The path below a folder.
    pub fn below(&self, root: &Path) -> PathBuf {
        below(root, &self.0)
    }

    /// The folders in the path, the outermost first.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// The folder of the file. `None` if the path is only a name.
    pub(super) fn folder(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(folder, _)| folder)
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The path of a part of a [`RelativePath`] below a folder.
pub(super) fn below(root: &Path, path: &str) -> PathBuf {
    let mut below = PathBuf::with_capacity(root.as_os_str().len() + 1 + path.len());
    below.push(root);
    below.extend(path.split('/'));
    below
}

/// A map with these paths as keys can be searched by text.
impl Borrow<str> for RelativePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
