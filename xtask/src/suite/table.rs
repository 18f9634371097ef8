//! The requirements and durations of test programs that differ from the defaults.

use super::schedule::Load::{self, Computes, Quiet, Waits};

/// A test program that differs from the default: one core for a second, and only the toolchain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    /// Its name, as in [`super::program::Id::name`].
    pub(crate) name: &'static str,
    pub(crate) load: Load,
    /// Whether it needs more than the build: Terraform, an emulator or a browser. `--quick` leaves it out.
    pub(crate) is_outside: bool,
    /// Whether it judges what all others have left, in tests that are ignored otherwise: it begins when they have
    /// ended.
    pub(crate) is_last: bool,
    /// Its duration on two cores. A measured duration of an earlier run has priority.
    pub(crate) seconds: u64,
}

const fn outside(name: &'static str, load: Load, seconds: u64) -> Known {
    Known { name, load, is_outside: true, is_last: false, seconds }
}

const fn inside(name: &'static str, load: Load, seconds: u64) -> Known {
    Known { name, load, is_outside: false, is_last: false, seconds }
}

const fn last(name: &'static str, load: Load, seconds: u64) -> Known {
    Known { name, load, is_outside: true, is_last: true, seconds }
}

const KNOWN: &[Known] = &[
    outside("dofs::delivery", Waits(3), 600),
    outside("dofs::command", Waits(3), 430),
    // One scenario kills functions, and orders of others that are in them come back after three minutes. More scenarios at
    // once would delay each other further.
    outside("dofs::system", Waits(2), 530),
    // The longest. Its deployments of dev and prod take turns.
    outside("local-aws::apply", Waits(2), 870),
    outside("local-aws::moved", Waits(1), 150),
    outside("local-aws::plan", Computes, 100),
    outside("local-aws::today", Waits(1), 250),
    outside("local-aws::patches", Waits(2), 60),
    outside("local-aws::keep", Waits(2), 60),
    outside("local-aws::checkov", Computes, 60),
    outside("local-aws::emulator", Quiet(2), 40),
    outside("local-aws::integrations", Computes, 10),
    outside("local-aws::judges", Computes, 40),
    outside("local-aws::lint", Computes, 10),
    outside("dofs::page", Quiet(2), 60),
    outside("infra-gen::force_new", Computes, 60),
    outside("infra-gen::terraform", Computes, 100),
    outside("infra-gen::page", Computes, 20),
    outside("thumbnails::valid", Computes, 30),
    outside("api_handler::process", Quiet(2), 30),
    outside("fulfill_order::process", Computes, 10),
    outside("order_storage::process", Computes, 10),
    outside("reconcile_orders::process", Computes, 10),
    // It builds the functions twice, for Lambda.
    outside("xtask::bin/xtask", Computes, 200),
    inside("infra-gen::ui", Computes, 5),
    inside("simulation::seeds", Computes, 60),
    inside("simulation::dynamodb", Computes, 15),
    inside("dofs::process", Quiet(8), 20),
    last("local-aws::requests", Computes, 20),
];

/// The entry of a program.
pub(crate) fn of(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|it| it.name == name)
}

/// The integration tests that wait.
pub(crate) fn waiting() -> impl Iterator<Item = &'static str> {
    let waiting = KNOWN.iter().filter(|it| matches!(it.load, Waits(_)));
    waiting.filter_map(|it| it.name.split_once("::").map(|(_, test)| test))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use fs_err as fs;

    use super::*;
    use crate::{suite::program::Id, workspace::Workspace};

    /// Texts in the source of a test that needs more than the build.
    const CALLS: [&str; 6] = [
        "Emulator::start",
        "Terraform::find",
        "Tools::prepare",
        "Aws::new",
        "local::up",
        "Browser::open",
    ];

    fn mentions(file: &Path) -> bool {
        match file.is_dir() {
            true => fs::read_dir(file).unwrap().any(|it| mentions(&it.unwrap().path())),
            false => {
                let text = fs::read(file).unwrap();
                let text = String::from_utf8_lossy(&text);
                CALLS.iter().any(|it| text.contains(it))
            }
        }
    }

    #[test]
    fn every_name_is_that_of_a_program() {
        let workspace = Workspace::here().unwrap();
        let programs: BTreeSet<String> = workspace
            .packages
            .iter()
            .flat_map(|it| it.targets.iter().map(|to| Id::new(&it.name, &to.name, &to.kind).name()))
            .collect();
        for known in KNOWN {
            assert!(programs.contains(known.name), "there is no program {}", known.name);
        }
    }

    #[test]
    fn one_program_is_last() {
        let last = KNOWN.iter().filter(|it| it.is_last).map(|it| it.name);
        assert_eq!(last.collect::<Vec<_>>(), ["local-aws::requests"]);
    }

    /// A test that needs more and is not in the table would break `--quick` on a machine without it.
    #[test]
    fn programs_that_need_more_than_the_build_are_in_the_table() {
        let workspace = Workspace::here().unwrap();
        let mut found = 0;
        for package in &workspace.packages {
            for target in package.targets.iter().filter(|it| it.kind == ["test"]) {
                let tests = package.folder().join("tests");
                let (file, folder) = (tests.join(&target.name), format!("{}.rs", target.name));
                let mut files = [file, tests.join(folder)].into_iter().filter(|it| it.exists());
                if files.any(|it| mentions(&it)) {
                    let name = Id::new(&package.name, &target.name, &target.kind).name();
                    assert!(of(&name).is_some_and(|it| it.is_outside), "{name} needs more");
                    found += 1;
                }
            }
        }
        assert!(found > 10, "only {found} are found");
    }
}
