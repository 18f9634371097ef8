//! Quotes paths, so that printed commands can be copied into a shell.

use std::{borrow::Cow, path::Path};

/// A path as one word of a shell, in quotes if it has a space or another special character.
pub fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    // Quoting fails only for NUL, which no path contains.
    shlex::try_quote(&text).map_or_else(|_| text.to_string(), Cow::into_owned)
}
