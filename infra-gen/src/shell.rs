//! Paths and commands as they can be copied into a shell.

use std::{borrow::Cow, path::Path};

/// A path as one word of a shell: in quotes, where there is a blank or another sign in it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    // No path has a NUL in it, which is all that cannot be quoted.
    shlex::try_quote(&text).map_or_else(|_| text.to_string(), Cow::into_owned)
}
