//! Measures the start of the local system: from a clone to the first accepted order, a second start, and a start with
//! one changed function.

use std::{path::Path, time::Instant};

use anyhow::Context as _;
use fs_err as fs;

use super::{
    build, files, measure,
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
    system::Dofs,
};

/// The file of the changed function. A text of its log is changed, so that its program differs.
const EDITED: &str = "lambdas/validator/src/lib.rs";
const BEFORE: &str = "the order keeps every rule";

/// The bounds, in seconds.
const CLONE: f64 = 240.0;
const SECOND: f64 = 10.0;
const CHANGED: f64 = 20.0;

/// Measures in a copy of the repository, so that the working tree is not touched.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let mut part = setting.part(
        "`cargo run -p dofs -- local up` in a copy of the repository, each time until an order is answered 202: in a \
         new clone, once more with nothing changed, and with one function changed.",
    )?;
    let repository = setting.folder("local");
    build::copy(&setting.workspace.root, &repository)?;
    let mut fetch = processes::cargo::command();
    measure::run(fetch.current_dir(&repository).args(["fetch", "--locked"]))?;
    // A start from nothing spends its time in cargo, so a quick run uses the existing build.
    let target = setting.quick.then(|| setting.workspace.target.clone().into());
    let dofs = Dofs {
        start: ["cargo", "run", "--locked", "--quiet", "--package", "dofs", "--"]
            .map(Into::into)
            .into(),
        folder: repository.clone(),
        // The default settings of a user.
        variables: [
            "CARGO_INCREMENTAL",
            "RUSTC_WRAPPER",
            "RUSTFLAGS",
            "DOFS_LOCAL_DIR",
            "DOFS_FUNCTIONS",
        ]
        .into_iter()
        .map(|it| (it, None))
        .chain([("CARGO_TARGET_DIR", target)])
        .collect(),
    };
    let until_an_order = |label: &str| {
        say!("  {label}");
        let begin = Instant::now();
        let system = dofs.up(&[])?;
        system.takes_an_order()?;
        let took = begin.elapsed().as_secs_f64();
        system.down()?;
        anyhow::Ok(took)
    };
    let clone = until_an_order("from a clone")?;
    let rounds = setting.rounds(3, 1);
    let mut second = Vec::new();
    for _ in 0..rounds {
        second.push(until_an_order("nothing changed")?);
    }
    let mut changed = Vec::new();
    for round in 0..rounds {
        edit(&repository, round)?;
        changed.push(until_an_order("one function changed")?);
    }
    let [second, changed] = [second, changed].map(|it| Samples::of(&it));
    let (second, changed) = second.zip(changed).context("no round was run")?;
    part.tables = vec![Table::new(
        "From `dofs local up` to an accepted order",
        Unit::Seconds,
        vec![
            Row::new("from a clone", Samples::once(clone)),
            Row::new("nothing changed", second),
            Row::new("one function changed", changed),
        ],
    )];
    part.bounds = vec![
        Bound::at_most("a second start, nothing changed", second.median, SECOND, Unit::Seconds),
        Bound::at_most("a start, one function changed", changed.median, CHANGED, Unit::Seconds),
    ];
    match setting.quick {
        true => part.notes.push("A quick run builds nothing from the start.".to_owned()),
        false => part.bounds.insert(
            0,
            Bound::at_most("from a clone to the first order taken", clone, CLONE, Unit::Seconds),
        ),
    }
    part.headline = format!(
        "The local system takes its first order {} after the clone, {} after a second start, and {} after one with a \
         function changed.",
        Unit::Seconds.tell(clone),
        Unit::Seconds.tell(second.median),
        Unit::Seconds.tell(changed.median),
    );
    part.notes.push(
        "From a clone: cargo builds `dofs` and the functions, pip installs the emulator, and Terraform applies \
         generated/dev. Crates are on the disk before, and so is the provider where a mirror has it."
            .to_owned(),
    );
    // The copy is as large as a build.
    files::remove(&repository)?;
    Ok(part)
}

/// Changes the function to another text each time.
fn edit(repository: &Path, round: usize) -> anyhow::Result<()> {
    let path = repository.join(EDITED);
    let source = fs::read_to_string(&path)?;
    let text = format!("\"{BEFORE}");
    anyhow::ensure!(
        source.contains(&text),
        "{EDITED} has no {text}\n  fix: name another edit here"
    );
    // The quote before it stays, so the next edit finds its place, too.
    fs::write(&path, source.replace(BEFORE, &format!("{BEFORE} {round}")))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_edit_differs_from_the_one_before() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join(EDITED);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(root.join(EDITED), &copy).unwrap();
        let mut seen = vec![fs::read_to_string(&copy).unwrap()];
        for round in 0..3 {
            edit(folder.path(), round).unwrap();
            let now = fs::read_to_string(&copy).unwrap();
            assert!(!seen.contains(&now), "{round}");
            seen.push(now);
        }
        fs::write(&copy, "").unwrap();
        assert!(edit(folder.path(), 3).unwrap_err().to_string().contains(EDITED));
    }
}
