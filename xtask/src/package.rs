//! Builds the functions for Lambda, and packs them into the zips that Terraform uploads.
//!
//! The same source gives the same bytes, whatever its folder and the machine. So an unchanged function does not change
//! Terraform's plan.

mod build;
mod elf;
mod reproducible;
mod table;
mod zip;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::{Args, builder::TypedValueParser as _};
use contracts::functions::FunctionName;
use fs_err as fs;
use infra_core::model::function::Architecture;
use infra_gen::config::Environment;

use self::{build::Builder, table::Row};
use crate::{say, workspace::Workspace};

/// The folder from which Terraform reads the zips: a path below the workspace, independent of cargo's own target folder.
const OUT: &str = "target/lambda";

/// The largest size of a zip, in bytes. A cold start downloads the zip, so its size costs time.
const MAX_ZIP: usize = 6_000_000;

/// Options of `cargo xtask package`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Build for this architecture. Default: every architecture that an environment is configured with.
    #[arg(long, value_parser = architecture_parser())]
    arch: Option<Architecture>,
    /// Write the zips into this folder, as `<architecture>/<binary>.zip`. Default: `target/lambda` of the workspace,
    /// where Terraform reads them.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Build with this program. Default: cargo on Linux with the architecture of the functions, and cargo-lambda on any
    /// other machine, whichever programs are installed.
    #[arg(long)]
    builder: Option<Builder>,
}

fn architecture_parser() -> impl clap::builder::TypedValueParser<Value = Architecture> {
    let all = [Architecture::X86_64, Architecture::Arm64];
    clap::builder::PossibleValuesParser::new(all.map(Architecture::as_str)).map(move |name| {
        // The parser only accepts names of `all`.
        if name == Architecture::Arm64.as_str() {
            Architecture::Arm64
        } else {
            Architecture::X86_64
        }
    })
}

/// Builds, checks and packs the functions. Prints a table of the zips, then all problems, and returns whether there was
/// none.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let out = options.out.clone().unwrap_or_else(|| workspace.root.join(OUT));
    let architectures = match options.arch {
        Some(it) => vec![it],
        None => configured(),
    };
    let mut problems = Vec::new();
    let packages = workspace.holding(&FunctionName::BINS, &mut problems);
    let mut rows = Vec::new();
    for architecture in architectures {
        match build::build(&workspace, &packages, architecture, options.builder) {
            Ok(binaries) => {
                for (binary, file) in binaries {
                    let zip = out.join(zip_path(architecture, binary));
                    match pack(binary, architecture, &file, &zip, &mut problems) {
                        Ok(row) => rows.extend(row),
                        Err(err) => problems.push(format!("{err:#}")),
                    }
                }
            }
            Err(err) => problems.push(format!("{}: {err:#}", architecture.as_str())),
        }
    }
    say::text(&table::render(&rows));
    problems.iter().for_each(|it| terminal::stderr(&format!("error: {it}")));
    Ok(problems.is_empty())
}

/// A packed function, and the program out of its zip.
pub(crate) struct Packed {
    pub(crate) binary: &'static str,
    pub(crate) program: PathBuf,
    /// The size of the zip in bytes.
    pub(crate) zip: f64,
}

/// Builds and packs the functions for the architecture of this machine, and unpacks them into `folder`, so that the
/// programs that run are the ones that Terraform would upload.
pub(crate) fn for_this_machine(folder: &Path) -> anyhow::Result<Vec<Packed>> {
    let all = [Architecture::X86_64, Architecture::Arm64];
    let this = if cfg!(target_arch = "aarch64") { "arm64" } else { std::env::consts::ARCH };
    let this = all.into_iter().find(|it| it.as_str() == this);
    let this = this.with_context(|| {
        format!(
            "Lambda does not support the architecture of this machine, {}",
            std::env::consts::ARCH
        )
    })?;
    let packed = run(&Options { arch: Some(this), out: Some(folder.to_owned()), builder: None })?;
    ensure!(packed, "packing the functions failed; the errors are above");
    let unpack = |binary: &'static str| {
        let zip = folder.join(zip_path(this, binary));
        let program = folder.join(binary);
        zip::unpack(&zip, &program)?;
        Ok(Packed { binary, program, zip: fs::metadata(&zip)?.len() as f64 })
    };
    FunctionName::BINS.into_iter().map(unpack).collect()
}

/// The architectures of the environments.
fn configured() -> Vec<Architecture> {
    let mut found = Vec::new();
    for environment in Environment::ALL {
        let architecture = environment.config().architecture;
        if !found.contains(&architecture) {
            found.push(architecture);
        }
    }
    found
}

fn zip_path(architecture: Architecture, binary: &str) -> String {
    format!("{}/{binary}.zip", architecture.as_str())
}

/// Packs one binary. A binary that Lambda cannot run is a problem, and is not packed.
fn pack(
    binary: &'static str,
    architecture: Architecture,
    file: &Path,
    zip: &Path,
    problems: &mut Vec<String>,
) -> anyhow::Result<Option<Row>> {
    let program = fs::read(file)?;
    let unfit = elf::check(binary, architecture, &program);
    if !unfit.is_empty() {
        problems.extend(unfit);
        return Ok(None);
    }
    let bytes = zip::pack(&program).with_context(|| format!("{binary} cannot be packed"))?;
    let changed = zip::write(zip, &bytes)?;
    problems.extend(too_heavy(zip, bytes.len()));
    Ok(Some(Row { binary, architecture, zip: bytes, unpacked: program.len(), changed }))
}

fn too_heavy(zip: &Path, size: usize) -> Option<String> {
    (size > MAX_ZIP).then(|| {
        format!(
            "{} is too large: {}, and the limit is {}\n  fix: find out what it contains with `cargo bloat --profile deploy`, \
             or raise MAX_ZIP in xtask/src/package.rs",
            zip.display(),
            table::megabytes(size),
            table::megabytes(MAX_ZIP),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use infra_gen::roots;
    use serde_json::Value;

    use super::*;

    /// Every text under `key`, however deep.
    fn texts<'a>(value: &'a Value, key: &str, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get(key).and_then(Value::as_str));
                fields.values().for_each(|it| texts(it, key, found));
            }
            Value::Array(items) => items.iter().for_each(|it| texts(it, key, found)),
            _ => (),
        }
    }

    #[test]
    fn zips_lie_where_terraform_looks_for_them() {
        fn check(environment: Environment) {
            let generated = roots::environment(environment).files;
            let json = |path: &str| -> Value {
                serde_json::from_str(&generated[&format!("generated/{environment}/{path}")])
                    .unwrap()
            };
            let variables = json("variables.tf.json");
            let default = variables["variable"]["package_dir"]["default"].as_str().unwrap();
            // The path is relative to `generated/<environment>`.
            assert_eq!(default, format!("../../{OUT}"));

            let lambdas = json("modules/lambdas/main.tf.json");
            let mut wanted = BTreeSet::new();
            texts(&lambdas, "filename", &mut wanted);
            let architecture = environment.config().architecture;
            let made: BTreeSet<String> = FunctionName::BINS
                .map(|it| format!("${{var.package_dir}}/{}", zip_path(architecture, it)))
                .into();
            assert_eq!(wanted, made.iter().map(String::as_str).collect());
            assert!(configured().contains(&architecture));
        }
        Environment::ALL.into_iter().for_each(check);
    }

    #[test]
    fn a_zip_over_the_limit_is_named() {
        fn check(size: usize, expected: &str) {
            let said = too_heavy(Path::new("x86_64/validator.zip"), size).unwrap_or_default();
            assert_eq!(said.lines().next().unwrap_or_default(), expected);
        }
        check(MAX_ZIP, "");
        check(
            MAX_ZIP + 10_000,
            "x86_64/validator.zip is too large: 6.01 MB, and the limit is 6.00 MB",
        );
    }
}
