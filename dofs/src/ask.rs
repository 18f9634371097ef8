//! Asks for confirmation before a change.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, bail};

use crate::{
    interrupt::{Ended, asked_to_end},
    target::{Format, Target},
    tell::warn,
};

/// Asks the user to type a word, and returns whether they did.
///
/// # Errors
///
/// If stdin is not a terminal or the output is JSON; [`Ended`] if a signal ends the command before the answer.
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
        // Listen before the question appears: after a run of Terraform, Ctrl-C does not end this process by itself.
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

/// Reads a line from the terminal.
async fn answer() -> anyhow::Result<String> {
    // Read on another thread, so that Ctrl-C does not have to wait for the answer.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    answer.await?.context("the answer cannot be read")
}
