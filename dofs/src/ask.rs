//! Asking somebody before something is applied.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};

use crate::{
    interrupt::{Ended, asked_to_end},
    target::{Format, Target},
    tell::warn,
};

/// Whether somebody at the terminal wants this: they type a word to say so.
///
/// # Errors
///
/// If stdin is no terminal or the output is JSON; [`Ended`] if a signal ends the command instead of an answer.
pub(crate) async fn agreed(target: &Target, word: &str, summary: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() || target.format == Format::Json {
        bail!(
            "{summary}\n\ncannot ask for confirmation, because stdin is not a terminal or the output is JSON\n  \
             fix: run the command in a terminal, or confirm with --yes"
        );
    }
    let asked = async {
        warn(&format!("{summary}\n\nType {word} to apply this: "));
        answer().await
    };
    tokio::select! {
        // Listens before the question is there. Since Terraform ran, no Ctrl-C ends this process by itself.
        biased;
        () = asked_to_end() => Err(Ended("nothing was applied").into()),
        answer = asked => Ok(answer?.trim() == word),
    }
}

/// Asks a yes-or-no question at the terminal, and returns whether the answer is yes.
pub(crate) async fn yes(question: String) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!(
            "{question}\ncannot ask for confirmation, because stdin is not a terminal\n  \
             fix: confirm with --yes, or only list with --dry-run"
        );
    }
    warn(&format!("{question} [y/N]"));
    Ok(matches!(answer().await?.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// A line of the terminal.
async fn answer() -> anyhow::Result<String> {
    // On a thread of its own: Ctrl-C need not wait for an answer.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    answer.await?.context("the answer cannot be read")
}
