//! The functions, built for this machine and packed.
//!
//! The emulator runs them as processes, so they are built as cargo builds everything else: no zip that
//! Lambda would take, but the same source, and there in seconds.

use std::{
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    process::Stdio,
    time::SystemTime,
};

use anyhow::{Context as _, ensure};
use contracts::{
    Contract as _,
    functions::{ApiHandler, FulfillOrder, OrderStorage, ReconcileOrders, Validator},
};
use fs_err as fs;
use infra_gen::config::Environment;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::Command,
};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::place::repository;

/// The binaries, one for each contract.
const BINARIES: [&str; 5] =
    [ApiHandler::BIN, Validator::BIN, OrderStorage::BIN, FulfillOrder::BIN, ReconcileOrders::BIN];

/// The variable that names a folder in which the binaries are already: they are not built then.
const BUILT: &str = "DOFS_FUNCTIONS";

/// Builds the functions, and packs them into `folder` as the generated files look for them there. Hands over
/// what cargo is at.
///
/// # Errors
///
/// What cargo says.
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub async fn pack(
    environment: Environment,
    folder: &Path,
    says: impl FnMut(&str),
) -> anyhow::Result<()> {
    let folder = folder.join(environment.config().architecture.as_str());
    fs::create_dir_all(&folder)?;
    let programs = match std::env::var_os(BUILT).filter(|it| !it.is_empty()) {
        Some(built) => BINARIES.map(|it| Path::new(&built).join(it)).to_vec(),
        None => build(says).await?,
    };
    let packed =
        BINARIES.into_iter().zip(&programs).map(|(binary, it)| pack_one(binary, it, &folder));
    futures::future::try_join_all(packed).await?;
    Ok(())
}

/// Packs one, where its zip is of another program.
async fn pack_one(binary: &str, program: &Path, folder: &Path) -> anyhow::Result<()> {
    let (zip, of) =
        (folder.join(binary).with_extension("zip"), folder.join(binary).with_extension("of"));
    let built = stamp(program).with_context(|| format!("{binary} is not there"))?;
    if zip.is_file() && fs::read_to_string(&of).ok().as_ref() == Some(&built) {
        return Ok(());
    }
    let _ = fs::remove_file(&of);
    let small = folder.join(binary);
    strip(program, &small).await?;
    let work = {
        let zip = zip.clone();
        move || {
            let packed = pack_program(&fs::read(&small)?)?;
            fs::remove_file(&small)?;
            // Leave an unchanged zip alone, so that its modification time does not count as a change.
            if fs::read(&zip).ok().as_ref() != Some(&packed) {
                fs::write(zip, packed)?;
            }
            anyhow::Ok(())
        }
    };
    let done = tokio::task::spawn_blocking(work).await?;
    done.with_context(|| format!("{binary} cannot be packed"))?;
    Ok(fs::write(of, built)?)
}

/// Which program it is, as cargo sees it: a file that was not written again is the same.
fn stamp(program: &Path) -> anyhow::Result<String> {
    let about = fs::metadata(program)?;
    let since = about.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {}", program.display(), about.len(), since.as_nanos()))
}

/// Builds them, and says where they are, in the order of [`BINARIES`].
///
/// This program is chosen with them, though it is not built: so cargo takes the same features of what
/// both use, and nothing of what `cargo run -p dofs` has built is built again.
async fn build(mut says: impl FnMut(&str)) -> anyhow::Result<Vec<PathBuf>> {
    let mut cargo = Command::from(infra_gen::cargo::command());
    cargo.current_dir(repository()).kill_on_drop(true).stdin(Stdio::null());
    cargo.stdout(Stdio::piped()).stderr(Stdio::piped());
    cargo.args(["build", "--locked", "--message-format", "json-render-diagnostics"]);
    cargo.args(["--package", env!("CARGO_PKG_NAME")]);
    for binary in BINARIES {
        cargo.args(["--package", binary, "--bin", binary]);
    }
    let mut child = cargo.spawn().context("cargo cannot be started")?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut stdout, stderr) =
        (stdout.context("cargo has no output")?, stderr.context("cargo has no errors")?);
    let mut lines = BufReader::new(stderr).lines();
    let read = async {
        let mut problems = String::new();
        while let Some(line) = lines.next_line().await? {
            says(line.trim());
            problems.push_str(&line);
            problems.push('\n');
        }
        std::io::Result::Ok(problems)
    };
    let mut said = String::new();
    let (problems, _) = tokio::try_join!(read, stdout.read_to_string(&mut said))?;
    ensure!(
        child.wait().await?.success(),
        "the functions cannot be built:\n{}",
        problems.trim_end()
    );
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

fn pack_program(program: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o755).compression_level(Some(1));
    zip.start_file("bootstrap", options)?;
    zip.write_all(program)?;
    Ok(zip.finish()?.into_inner())
}
