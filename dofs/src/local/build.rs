//! Builds the functions with cargo, and reads its messages.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio};

use anyhow::Context as _;
use contracts::functions::FunctionName;
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use crate::place::repository;

/// The format of the compiler's diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Cargo prints them in its own output.
    Rendered,
    /// Cargo returns each as a message, with colours.
    Painted,
}

impl Format {
    fn as_str(self) -> &'static str {
        match self {
            Format::Rendered => "json-render-diagnostics",
            Format::Painted => "json-diagnostic-rendered-ansi",
        }
    }
}

/// The result of a build.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Whether the build succeeded.
    pub(super) success: bool,
    /// The diagnostics of the compiler, with colours. Only with [`Format::Painted`].
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Cargo's own output.
    pub(super) said: String,
    programs: BTreeMap<String, PathBuf>,
}

/// An error or a warning of the compiler.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Diagnostic {
    /// `error`, `warning` and the like.
    pub(super) level: String,
    /// The full text, as the compiler would print it.
    #[serde(default)]
    pub(super) rendered: Option<String>,
    /// The message in one line.
    pub(super) message: String,
}

impl Built {
    /// Returns the path of a program.
    ///
    /// # Errors
    ///
    /// If cargo did not report it.
    pub(super) fn program(&self, binary: &str) -> anyhow::Result<PathBuf> {
        let program = self.programs.get(binary).cloned();
        program.with_context(|| format!("cargo does not report where {binary} is"))
    }

    /// Reads a line of cargo's output.
    /// <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>
    fn read(&mut self, line: &str) {
        // The output of build scripts may come between the messages.
        let Ok(message) = serde_json::from_str::<Message>(line) else { return };
        if let Some(it) = message.message {
            self.diagnostics.push(it);
        }
        if let (Some(target), Some(program)) = (message.target, message.executable) {
            self.programs.insert(target.name, program);
        }
    }
}

#[derive(Deserialize)]
struct Message {
    message: Option<Diagnostic>,
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Builds the functions, and the packages `more`, which have a binary of the same name. It passes cargo's progress to `says`.
/// Dropping the future ends cargo.
///
/// It also selects the package of this program, although it does not build its binary. So cargo resolves the same features as
/// for `cargo run -p dofs`, and does not rebuild shared dependencies.
///
/// # Errors
///
/// If cargo cannot run. A failed build is not an error here, but a result.
pub(super) async fn run(
    format: Format,
    more: &[&str],
    mut says: impl FnMut(&str),
) -> anyhow::Result<Built> {
    let mut cargo = Command::from(processes::cargo::command());
    cargo.current_dir(repository()).kill_on_drop(true).stdin(Stdio::null());
    cargo.stdout(Stdio::piped()).stderr(Stdio::piped());
    cargo.args(["build", "--locked", "--message-format", format.as_str()]);
    cargo.args(["--package", env!("CARGO_PKG_NAME")]);
    for binary in FunctionName::BINS.iter().chain(more) {
        cargo.args(["--package", binary, "--bin", binary]);
    }
    let mut child = cargo.spawn().context("cargo cannot be started")?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) =
        (stdout.context("cargo has no output")?, stderr.context("cargo has no errors")?);
    let errors = async {
        let (mut lines, mut said) = (BufReader::new(stderr).lines(), String::new());
        while let Some(line) = lines.next_line().await? {
            says(line.trim());
            said.push_str(&line);
            said.push('\n');
        }
        std::io::Result::Ok(said)
    };
    let messages = async {
        let (mut lines, mut built) = (BufReader::new(stdout).lines(), Built::default());
        while let Some(line) = lines.next_line().await? {
            built.read(&line);
        }
        std::io::Result::Ok(built)
    };
    let (said, built) = tokio::try_join!(errors, messages)?;
    Ok(Built { success: child.wait().await?.success(), said, ..built })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_messages_are_read() {
        let mut built = Built::default();
        for line in [
            r#"{"reason":"compiler-artifact","target":{"name":"validator"},"executable":"/t/validator"}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"contracts"},"executable":null}"#,
            "a build script's own words",
            r#"{"reason":"compiler-message","target":{"name":"validator"},"message":{"rendered":"error: no","level":"error","message":"no"}}"#,
            r#"{"reason":"build-finished","success":false}"#,
        ] {
            built.read(line);
        }
        assert_eq!(built.program("validator").unwrap(), PathBuf::from("/t/validator"));
        assert!(built.program("contracts").is_err());
        let rendered: Vec<_> = built.diagnostics.iter().map(|it| it.rendered.as_deref()).collect();
        assert_eq!(rendered, [Some("error: no")]);
    }
}
