//! Measures how long the tests take: all of them in a new clone, and those without Terraform after a build.

use std::{path::Path, process::Command};

use anyhow::{Context as _, ensure};

use super::{
    files,
    measure::{self, Subject, Warmup, rounds},
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
};
use crate::workspace::said;

/// The bounds, in seconds.
const COLD: f64 = 900.0;
const QUICK: f64 = 60.0;

/// Measures the suite in a new clone. A quick run uses this working tree and its builds.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut part = setting.part(
        "`cargo xtask test` in a new clone without a build, and `cargo xtask test --quick` with \
         everything built. Crates are on the disk before.",
    )?;
    let own = &setting.workspace.root;
    let mut rows = Vec::new();
    let clone = setting.folder("suite");
    let (folder, whole) = match setting.quick {
        true => {
            part.notes.push("A quick run leaves out the suite, which takes minutes.".to_owned());
            (own.as_path(), None)
        }
        false => {
            ensure!(
                !part.measured_at.contains("changes"),
                "this working tree has changes, and a clone would not have them\n  fix: commit it, and measure again"
            );
            clone_to(own, &clone)?;
            measure::run(&mut cargo(&clone, &["fetch", "--locked"]))?;
            say!("  the whole suite");
            let whole = measure::run(&mut test(&clone, &[]))?;
            rows.push(Row::new("all of it, from nothing", Samples::once(whole.wall)));
            (clone.as_path(), Some(whole))
        }
    };
    say!("  --quick");
    let quick = Subject::new("--quick, built", || test(folder, &["--quick"]));
    let quick = rounds(&[quick], setting.rounds(2, 1), Warmup::Once)?;
    let quick = quick.first().context("nothing was measured")?.wall();
    rows.push(Row::new("--quick, built", quick));
    part.tables = vec![Table::new("The suite", Unit::Seconds, rows)];
    part.bounds = vec![Bound::at_most(
        "`cargo xtask test --quick`, built",
        quick.median,
        QUICK,
        Unit::Seconds,
    )];
    let told = Unit::Seconds.tell(quick.median);
    part.headline = format!("`cargo xtask test --quick` takes {told} once everything is built.");
    if let Some(whole) = whole {
        let bound =
            Bound::at_most("`cargo xtask test`, from nothing", whole.wall, COLD, Unit::Seconds);
        part.bounds.insert(
            0,
            bound.profile(format!("it takes {} of a processor", Unit::Seconds.tell(whole.cpu))),
        );
        let tally = whole.stdout.lines().last().unwrap_or_default();
        part.headline = format!(
            "The whole suite ({tally}) takes {} from a new clone, and `--quick` {told} once everything is built.",
            Unit::Seconds.tell(whole.wall)
        );
        // The clone is as large as a build.
        files::remove(&clone)?;
    }
    Ok(part)
}

fn clone_to(root: &Path, to: &Path) -> anyhow::Result<()> {
    files::remove(to)?;
    let mut git = Command::new("git");
    git.args(["clone", "--quiet"]).arg(root).arg(to);
    said(git).map(drop)
}

fn test(folder: &Path, more: &[&str]) -> Command {
    cargo(folder, &[&["xtask", "test"], more].concat())
}

/// Without the variables of this process, as a user with the default settings.
fn cargo(folder: &Path, arguments: &[&str]) -> Command {
    let mut cargo = processes::cargo::command();
    cargo.current_dir(folder).args(arguments);
    for name in ["CARGO_TARGET_DIR", "CARGO_INCREMENTAL", "RUSTC_WRAPPER", "RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    cargo
}
