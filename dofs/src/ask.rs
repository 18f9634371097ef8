//! Asking somebody before something is applied.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};

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

/// Asks a yes-or-no question at the terminal, and returns whether the answer is yes.
pub(crate) async fn yes(question: String) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!(
            "{question}\nnobody is there to say yes\n  fix: say it with --yes, or look first with --dry-run"
        );
    }
    warn(&format!("{question} [y/N]"));
    // On a thread of its own: Ctrl-C need not wait for an answer.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let answer = answer.await?.context("the answer cannot be read")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
