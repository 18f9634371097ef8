//! Builds the functions for this machine, and packs them.
//!
//! The emulator runs functions as processes, so a normal cargo build is enough. Lambda would not accept these zips, but they have
//! the same source, and are built in seconds.

use std::{
    io::{Cursor, Write as _},
    path::{Path, PathBuf},
    process::Stdio,
    time::SystemTime,
};

use anyhow::{Context as _, ensure};
use contracts::functions::FunctionName;
use fs_err as fs;
use infra_gen::config::Environment;
use tokio::process::Command;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::build::{self, Built, Format};

/// The environment variable with a folder of built binaries. If it is set, nothing is built.
pub(super) const BUILT: &str = "DOFS_FUNCTIONS";

/// Builds the functions, and packs them into `folder`, at the paths in the generated files. It passes cargo's progress to `says`.
///
/// # Errors
///
/// If a build or a zip fails.
pub async fn pack(
    environment: Environment,
    folder: &Path,
    says: impl FnMut(&str),
) -> anyhow::Result<()> {
    let folder = zips(environment, folder);
    fs::create_dir_all(&folder)?;
    let programs = match built_elsewhere() {
        Some(built) => FunctionName::BINS.map(|it| built.join(it)).to_vec(),
        None => build(says).await?,
    };
    pack_programs(&programs, &folder).await.map(drop)
}

/// Returns the folder with the zips of an environment's functions.
pub(super) fn zips(environment: Environment, packages: &Path) -> PathBuf {
    packages.join(environment.config().architecture.as_str())
}

/// Packs built programs, in the order of [`FunctionName::BINS`]. Returns those whose zip has changed.
///
/// # Errors
///
/// If a program cannot be read, or a zip cannot be written.
pub(super) async fn pack_programs(
    programs: &[PathBuf],
    folder: &Path,
) -> anyhow::Result<Vec<&'static str>> {
    let packed = FunctionName::BINS
        .into_iter()
        .zip(programs)
        .map(|(binary, it)| pack_one(binary, it, folder));
    let is_new = futures::future::try_join_all(packed).await?;
    Ok(FunctionName::BINS
        .into_iter()
        .zip(is_new)
        .filter_map(|(it, is_new)| is_new.then_some(it))
        .collect())
}

/// Returns the folder in [`BUILT`], if it is set.
#[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
pub(super) fn built_elsewhere() -> Option<PathBuf> {
    std::env::var_os(BUILT).filter(|it| !it.is_empty()).map(PathBuf::from)
}

/// Packs a program, unless its zip is up to date. Returns whether the zip has changed.
async fn pack_one(binary: &str, program: &Path, folder: &Path) -> anyhow::Result<bool> {
    let (zip, of) =
        (folder.join(binary).with_extension("zip"), folder.join(binary).with_extension("of"));
    let built = stamp(program).with_context(|| format!("the program {binary} is missing"))?;
    if zip.is_file() && fs::read_to_string(&of).ok().as_ref() == Some(&built) {
        return Ok(false);
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
            let is_new = fs::read(&zip).ok().as_ref() != Some(&packed);
            if is_new {
                fs::write(zip, packed)?;
            }
            anyhow::Ok(is_new)
        }
    };
    let done = tokio::task::spawn_blocking(work).await?;
    let is_new = done.with_context(|| format!("{binary} cannot be packed"))?;
    fs::write(of, built)?;
    Ok(is_new)
}

/// Returns the identity of a program: its path, size and modification time.
fn stamp(program: &Path) -> anyhow::Result<String> {
    let about = fs::metadata(program)?;
    let since = about.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {}", program.display(), about.len(), since.as_nanos()))
}

/// Builds the functions, and returns their paths, in the order of [`FunctionName::BINS`].
async fn build(says: impl FnMut(&str)) -> anyhow::Result<Vec<PathBuf>> {
    let built = build::run(Format::Rendered, &[], says).await?;
    ensure!(built.success, "building the functions failed:\n{}", built.said.trim_end());
    programs(&built)
}

/// Returns the paths of the built functions, in the order of [`FunctionName::BINS`].
///
/// # Errors
///
/// If cargo did not report a path.
pub(super) fn programs(built: &Built) -> anyhow::Result<Vec<PathBuf>> {
    FunctionName::BINS.into_iter().map(|it| built.program(it)).collect()
}

/// Copies a program without its debug symbols, which are nine tenths of its size. If `strip` fails, it copies the program
/// unchanged.
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
