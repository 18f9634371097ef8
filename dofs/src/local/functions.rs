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

/// The variable that names a folder in which the binaries are already: they are not built then.
const BUILT: &str = "DOFS_FUNCTIONS";

/// Builds the functions, and packs them into `folder` as the generated files look for them there.
///
/// # Errors
///
/// What cargo says.
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub async fn pack(environment: Environment, folder: &Path) -> anyhow::Result<()> {
    let folder = folder.join(environment.config().architecture.as_str());
    fs::create_dir_all(&folder)?;
    let programs = match std::env::var_os(BUILT).filter(|it| !it.is_empty()) {
        Some(built) => BINARIES.map(|it| Path::new(&built).join(it)).to_vec(),
        None => build().await?,
    };
    for (binary, program) in BINARIES.into_iter().zip(programs) {
        let small = folder.join(binary);
        strip(&program, &small).await?;
        let zip = zip(&fs::read(&small)?).with_context(|| format!("{binary} cannot be packed"))?;
        fs::remove_file(&small)?;
        let file = folder.join(binary).with_extension("zip");
        if fs::read(&file).ok().as_ref() != Some(&zip) {
            fs::write(file, zip)?;
        }
    }
    Ok(())
}

/// Builds them, and says where they are, in the order of [`BINARIES`].
///
/// This program is chosen with them, though it is not built: so cargo takes the same features of what
/// both use, and nothing of what `cargo run -p dofs` has built is built again.
async fn build() -> anyhow::Result<Vec<PathBuf>> {
    let mut cargo = Command::from(infra_gen::cargo::command());
    cargo.current_dir(repository()).kill_on_drop(true).stdin(Stdio::null());
    cargo.args(["build", "--locked", "--message-format", "json-render-diagnostics"]);
    cargo.args(["--package", env!("CARGO_PKG_NAME")]);
    for binary in BINARIES {
        cargo.args(["--package", binary, "--bin", binary]);
    }
    let output = cargo.output().await.context("cargo cannot be started")?;
    ensure!(
        output.status.success(),
        "the functions cannot be built:\n{}",
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    let said = String::from_utf8_lossy(&output.stdout);
    let program = |binary: &str| {
        let found = said.lines().find_map(|line| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            let ours = message["target"]["name"] == binary;
            message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
        });
        found.with_context(|| format!("cargo does not say where {binary} is"))
    };
    BINARIES.into_iter().map(program).collect()
}

/// Copies a program without the symbols that only a debugger wants: they are nine tenths of it. Where
/// nobody can take them away, it works with them as well.
async fn strip(program: &Path, to: &Path) -> anyhow::Result<()> {
    let mut strip = Command::new("strip");
    strip.arg("-o").args([to, program]).kill_on_drop(true);
    let done = strip.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !done.await.is_ok_and(|it| it.success()) {
        fs::copy(program, to)?;
    }
    Ok(())
}

fn zip(program: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o755).compression_level(Some(1));
    zip.start_file("bootstrap", options)?;
    zip.write_all(program)?;
    Ok(zip.finish()?.into_inner())
}
