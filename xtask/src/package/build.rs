//! Builds the functions, with cargo alone or with cargo-lambda.
//!
//! Cargo links with the glibc of this machine, and only for its architecture. cargo-lambda links with zig, with the
//! glibc version of Lambda, for both architectures.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};
use clap::ValueEnum;
use infra_core::model::function::Architecture;

use super::reproducible;
use crate::workspace::{Function, Workspace, said};

/// The profile in the workspace's Cargo.toml.
const PROFILE: &str = "deploy";
/// The version of cargo-lambda that the zips were tested with.
const CARGO_LAMBDA: &str = "1.9.2";
/// The instruction to install it.
pub(super) const INSTALL: &str = "get cargo-lambda by `pip install cargo-lambda==1.9.2`";

/// The program that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Builder {
    /// cargo alone. Only on Linux, and only for the architecture of this machine.
    Cargo,
    /// cargo-lambda, on any machine and for any architecture.
    CargoLambda,
}

/// Builds for one architecture. Returns the path of each binary.
pub(super) fn build(
    workspace: &Workspace,
    functions: &[Function],
    architecture: Architecture,
    builder: Option<Builder>,
) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    if functions.is_empty() {
        return Ok(Vec::new());
    }
    let triple = triple(architecture);
    let fits = workspace.rustc.host == triple;
    let default = if fits { Builder::Cargo } else { Builder::CargoLambda };
    let builder = builder.unwrap_or(default);
    ensure!(
        fits || builder == Builder::CargoLambda,
        "cargo alone builds for this machine, {}, and not for {triple}\n  fix: {INSTALL}, then \
         `cargo xtask package --builder cargo-lambda`",
        workspace.rustc.host
    );
    has_std(workspace, triple)?;
    if builder == Builder::CargoLambda {
        has_cargo_lambda()?;
    }
    let bootstraps = workspace.target.join("bootstraps").join(architecture.as_str());
    let mut command = command(workspace, functions, triple, builder, &bootstraps);
    let status = command.status().with_context(|| format!("{command:?} cannot be started"))?;
    ensure!(status.success(), "the build for {triple} failed (see above)");
    let place = |binary: &str| match builder {
        Builder::Cargo => workspace.target.join(triple).join(PROFILE).join(binary),
        Builder::CargoLambda => bootstraps.join(binary).join("bootstrap"),
    };
    Ok(functions.iter().map(|it| (it.binary, place(it.binary))).collect())
}

fn command(
    workspace: &Workspace,
    functions: &[Function],
    triple: &str,
    builder: Builder,
    bootstraps: &Path,
) -> Command {
    let mut command = processes::cargo::command();
    match builder {
        // With an explicit target, the flags for the functions do not apply to build scripts and macros.
        Builder::Cargo => command.args(["build", "--target", triple]),
        Builder::CargoLambda => command
            // cargo-lambda would otherwise call rustup to install the target. `has_std` has reported a missing target.
            .args(["lambda", "build", "--skip-target-check"])
            .args(["--target", &format!("{triple}.2.34")])
            .arg("--lambda-dir")
            .arg(bootstraps),
    };
    command.current_dir(&workspace.root).args(["--locked", "--profile", PROFILE]);
    // cargo-lambda has no argument for it.
    command.env("CARGO_TARGET_DIR", &workspace.target);
    for function in functions {
        command.args(["--package", &function.package, "--bin", function.binary]);
    }
    reproducible::settle(&mut command, workspace);
    command
}

/// The name of the target in rustc.
fn triple(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64-unknown-linux-gnu",
        Architecture::X86_64 => "x86_64-unknown-linux-gnu",
    }
}

fn has_std(workspace: &Workspace, triple: &str) -> anyhow::Result<()> {
    let library = workspace.rustc.sysroot.join("lib/rustlib").join(triple).join("lib");
    if !library.is_dir() {
        bail!(
            "Rust's standard library for {triple} is not installed\n  \
             fix: rustup target add {triple}"
        );
    }
    Ok(())
}

fn has_cargo_lambda() -> anyhow::Result<()> {
    let mut command = processes::cargo::command();
    command.args(["lambda", "--version"]);
    let Ok(version) = said(command) else { bail!("cargo-lambda is not there\n  fix: {INSTALL}") };
    let version = version.split_whitespace().nth(1).unwrap_or_default().to_owned();
    if version != CARGO_LAMBDA {
        terminal::stderr(&format!(
            "note: cargo-lambda {version} builds; this was tried with {CARGO_LAMBDA}"
        ));
    }
    Ok(())
}
