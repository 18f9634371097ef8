//! Paths that stay where they should.

use std::{
    borrow::Borrow,
    fmt,
    path::{Path, PathBuf},
};

/// A path below a folder: names with `/` between them, none of them special.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelativePath(String);

/// A path that may lead anywhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a relative path below a folder\n  fix: join plain names with /, without . or .."
)]
pub struct BadPath(String);

impl RelativePath {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// Where it is absolute, goes up, has an empty part, or is special on some system.
    pub fn new(path: &str) -> Result<Self, BadPath> {
        let special = |it: u8| matches!(it, b'\\' | b':' | b'\0' | b'\n');
        let plain = |part: &[u8]| !matches!(part, b"" | b"." | b"..");
        let bytes = path.as_bytes();
        match !bytes.iter().copied().any(special) && bytes.split(|it| *it == b'/').all(plain) {
            true => Ok(RelativePath(path.to_owned())),
            false => Err(BadPath(path.to_owned())),
        }
    }

    /// A name further down. The name is one that [`RelativePath::new`] takes.
    pub(super) fn join(&self, name: &str) -> Self {
        RelativePath(format!("{}/{name}", self.0))
    }

    /// The path below a folder.
    pub fn below(&self, root: &Path) -> PathBuf {
        below(root, &self.0)
    }

    /// The folders on the way, from the outside in.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// The folder that it lies in, where it is not the outermost.
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

/// To be found by its text.
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
