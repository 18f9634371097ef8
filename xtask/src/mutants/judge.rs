//! The packages that are mutated, and the tests that must notice the mutants.

use contracts::functions::FunctionName;

/// A package whose code is mutated.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: &'static str,
    /// The judges, one after another. Each runs the mutants that the judges before it did not catch, so the fastest
    /// comes first.
    pub(crate) judges: Vec<Judge>,
}

/// A set of tests.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge {
    pub(crate) packages: &'static [&'static str],
    /// The arguments that select the test programs.
    pub(crate) programs: &'static [&'static str],
    /// Whether the tests run for so long that optimising them is worth the time of the compiler.
    pub(crate) is_long: bool,
}

const fn tests(packages: &'static [&'static str], programs: &'static [&'static str]) -> Judge {
    Judge { packages, programs, is_long: false }
}

/// The tests of single handlers, with simulated services.
const SIMULATION: Judge = tests(&["simulation"], &["--test", "alone", "--test", "rights"]);

/// The tests of the handlers and the state machine together, with a fault at every call, and over many seeds.
const SEEDS: Judge = Judge {
    packages: &["simulation"],
    programs: &["--test", "share", "--test", "crash_points", "--test", "outage", "--test", "seeds"],
    is_long: true,
};

/// The tests of the real binaries, with the emulator of AWS.
const PROCESS: &[&str] = &["--test", "process"];

/// The unit tests, without other tests: to build them, cargo compiles the mutated package once and links one program.
const LIB: &[&str] = &["--lib"];

/// The tests of the contracts.
const CONTRACTS: &[Judge] = &[
    tests(&["contracts"], LIB),
    tests(
        &["contracts"],
        &[
            "--test",
            "ordered",
            "--test",
            "payloads",
            "--test",
            "read",
            "--test",
            "round_trip",
            "--test",
            "stored",
            "--test",
            "words",
        ],
    ),
    tests(&["api_handler", "fulfill_order", "runtime"], LIB),
    tests(&["validator"], &["--test", "bounds", "--test", "process"]),
    SIMULATION,
    // The tests of the files that are generated from the contracts.
    tests(&["infra-gen"], &["--lib", "--test", "generated"]),
];

/// The judges of a function: its own tests, and those with the simulation, which runs every function.
fn of_function(own: &'static [&'static str]) -> [Judge; 4] {
    [tests(own, LIB), SIMULATION, tests(own, &["--tests"]), SEEDS]
}

/// The mutated packages: the functions, and then what all of them use.
pub(crate) fn packages() -> Vec<Package> {
    let names = const { &FunctionName::BINS };
    let functions = names
        .chunks(1)
        .zip(names)
        .map(|(own, name)| Package { name, judges: of_function(own).into() });
    functions
        .chain(SHARED.iter().map(|(name, judges)| Package { name, judges: judges.to_vec() }))
        .collect()
}

/// The packages that all functions use, with their judges.
const SHARED: &[(&str, &[Judge])] = &[
    (
        "runtime",
        &[
            tests(&["runtime"], LIB),
            tests(&["runtime"], &["--test", "clients", "--test", "items"]),
            // It calls no service, so its tests need no emulator.
            tests(&["validator"], PROCESS),
            SIMULATION,
            tests(&["api_handler", "fulfill_order", "order_storage", "reconcile_orders"], PROCESS),
        ],
    ),
    ("contracts", CONTRACTS),
    (
        "function-contract",
        // The contracts of DOFS are written in its vocabulary, so their tests judge it, too.
        &[
            tests(&["function-contract"], LIB),
            CONTRACTS[0],
            CONTRACTS[1],
            CONTRACTS[2],
            CONTRACTS[3],
            CONTRACTS[4],
            tests(&["infra-core"], LIB),
            CONTRACTS[5],
        ],
    ),
    (
        "asl",
        // The tests with mistakes in the state machine do not test the interpreter.
        &[
            tests(&["asl"], LIB),
            tests(&["asl"], &["--test", "order", "--", "--skip", "mutants"]),
            SIMULATION,
        ],
    ),
];

#[cfg(test)]
mod tests {
    use infra_gen::topology::build::mutated;

    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn the_week_has_a_job_for_each() {
        assert!(packages().iter().map(|it| it.name).eq(mutated()));
    }

    /// If cargo did not find a name, each mutant would fail as if a test had noticed it.
    #[test]
    fn every_judge_is_a_program_that_cargo_finds() {
        let workspace = Workspace::here().unwrap();
        for judge in packages().iter().flat_map(|it| &it.judges) {
            let targets: Vec<_> = judge
                .packages
                .iter()
                .flat_map(|name| {
                    let package = workspace.packages.iter().find(|it| it.name == *name);
                    &package.unwrap_or_else(|| panic!("there is no package {name}")).targets
                })
                .collect();
            let is_flag = |it: &&str| it.starts_with("--");
            let programs = judge.programs.split(|it| *it == "--").next().unwrap();
            for name in programs.iter().filter(|it| !is_flag(it)) {
                let is_it = |kind: &[String]| kind.iter().any(|it| it == "test");
                assert!(targets.iter().any(|it| it.name == *name && is_it(&it.kind)), "{name}");
            }
        }
    }
}
