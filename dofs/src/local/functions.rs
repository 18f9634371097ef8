//! The functions, built for this machine and packed.
//!
//! The emulator runs them as processes, so they are built as cargo builds everything else: no zip that
//! Lambda would take, but the same source, and there in seconds.

use std::{
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context as _, ensure};
use contracts::{
    Contract as _,
    functions::{ApiHandler, FulfillOrder, OrderStorage, ReconcileOrders, Validator},
};
use fs_err as fs;
use infra_gen::config::Environment;
use tokio::process::Command;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::place::repository;

/// The binaries, one for each contract.
const BINARIES: [&str; 5] =
    [ApiHandler::BIN, Validator::BIN, OrderStorage::BIN, FulfillOrder::BIN, ReconcileOrders::BIN];

/// Builds the functions, and packs them into `folder` as the generated files look for them there.
///
/// # Errors
///
/// What cargo says.
pub async fn pack(environment: Environment, folder: &Path) -> anyhow::Result<()> {
    let folder = folder.join(environment.config().architecture.as_str());
    fs::create_dir_all(&folder)?;
    for binary in BINARIES {
        let program = build(binary).await?;
        let zip =
            zip(&fs::read(&program)?).with_context(|| format!("{binary} cannot be packed"))?;
        let file = folder.join(binary).with_extension("zip");
        if fs::read(&file).ok().as_ref() != Some(&zip) {
            fs::write(file, zip)?;
        }
    }
    Ok(())
}

/// Builds one, without the symbols that only a debugger wants: they are nine tenths of it.
async fn build(binary: &str) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository()).kill_on_drop(true).stdin(Stdio::null());
    cargo.args(["rustc", "--locked", "--package", binary, "--bin", binary]);
    cargo.args(["--message-format", "json-render-diagnostics", "--", "-C", "strip=symbols"]);
    let output = cargo.output().await.context("cargo cannot be started")?;
    ensure!(
        output.status.success(),
        "{binary} cannot be built:\n{}",
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    let executable = String::from_utf8_lossy(&output.stdout).lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let ours = message["target"]["name"] == binary;
        message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
    });
    executable.with_context(|| format!("cargo does not say where {binary} is"))
}

fn zip(program: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o755).compression_level(Some(1));
    zip.start_file("bootstrap", options)?;
    zip.write_all(program)?;
    Ok(zip.finish()?.into_inner())
}
