//! Asking somebody before something is applied.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::bail;

use crate::{
    target::{Format, Target},
    tell::warn,
};

/// Whether somebody at the terminal wants this: they type a word to say so.
pub(crate) fn agreed(target: &Target, word: &str, summary: &str) -> anyhow::Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || target.format == Format::Json {
        bail!(
            "{summary}\n\nnobody is there to be asked\n  \
             fix: run it at a terminal, or with --yes if this is what you want"
        );
    }
    warn(&format!("{summary}\n\nType {word} to apply this: "));
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    Ok(answer.trim() == word)
}
