//! A run of cargo that builds the functions, and what it says.

use std::{collections::BTreeMap, path::PathBuf, process::Stdio};

use anyhow::Context as _;
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
};

use super::functions::BINARIES;
use crate::place::repository;

/// How cargo hands on what the compiler says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// As part of what cargo says itself.
    Rendered,
    /// One by one, with colours.
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

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Whether all of it is built.
    pub(super) success: bool,
    /// What the compiler said, rendered with colours: with [`Format::Painted`] alone.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What cargo said itself.
    pub(super) said: String,
    programs: BTreeMap<String, PathBuf>,
}

/// An error or a warning of the compiler.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Diagnostic {
    /// `error`, `warning` and the like.
    pub(super) level: String,
    /// All of it, as the compiler would print it.
    #[serde(default)]
    pub(super) rendered: Option<String>,
    /// In a line.
    pub(super) message: String,
}

impl Built {
    /// Where a program is.
    ///
    /// # Errors
    ///
    /// Where cargo did not say.
    pub(super) fn program(&self, binary: &str) -> anyhow::Result<PathBuf> {
        let program = self.programs.get(binary).cloned();
        program.with_context(|| format!("cargo does not report where {binary} is"))
    }

    /// Reads a line of cargo's output.
    /// <https://doc.rust-lang.org/cargo/reference/external-tools.html#json-messages>
    fn read(&mut self, line: &str) {
        // What a build script prints may stand between the messages.
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

/// Builds the functions, and `more`: packages with a binary of the same name. Hands over what cargo is at. It ends
/// when this is dropped.
///
/// This program is chosen with them, though it is not built: so cargo takes the same features of what
/// both use, and nothing of what `cargo run -p dofs` has built is built again.
///
/// # Errors
///
/// Where cargo cannot be run. A build that fails is no error here.
pub(super) async fn run(
    format: Format,
    more: &[&str],
    mut says: impl FnMut(&str),
) -> anyhow::Result<Built> {
    let mut cargo = Command::from(infra_gen::cargo::command());
    cargo.current_dir(repository()).kill_on_drop(true).stdin(Stdio::null());
    cargo.stdout(Stdio::piped()).stderr(Stdio::piped());
    cargo.args(["build", "--locked", "--message-format", format.as_str()]);
    cargo.args(["--package", env!("CARGO_PKG_NAME")]);
    for binary in BINARIES.iter().chain(more) {
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
