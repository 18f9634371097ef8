//! The builds of CodeBuild: one builds, tests and checks this repository, and others plan, apply and verify an
//! environment. The workflow on GitHub runs the first part with the same commands.
//!
//! All commands of a build run in one shell, so a command can export variables for the next ones.

mod steps;
mod tools;
mod workflow;

pub use steps::{apply_spec, plan_spec, smoke_spec};
pub use workflow::{WORKFLOW, workflow};

use contracts::functions::FunctionName;
use infra_core::render::buildspec::{
    BuildSpec, Cache, Command, Env, OnFailure, Phase, Phases, Shell, Version,
};

/// The build spec of the build, at the path where CodeBuild looks for it by default.
pub const BUILD: &str = "buildspec.yml";
/// The build spec that plans an environment.
pub const PLAN: &str = "generated/cicd/buildspecs/plan.yml";
/// The build spec that applies the plan.
pub const APPLY: &str = "generated/cicd/buildspecs/apply.yml";
/// The build spec that verifies the deployment.
pub const SMOKE: &str = "generated/cicd/buildspecs/smoke.yml";

/// The variable with the environment, which every step has.
pub const ENVIRONMENT: &str = "ENVIRONMENT";
/// The variable that the plan sets: 0 without changes, 2 with changes.
pub const PLAN_EXIT: &str = "PLAN_EXIT";
/// The variable that the build sets: the hash of all files in its output artifact.
pub const PACKAGE_SHA256: &str = "PACKAGE_SHA256";
/// The variable that the plan sets: the hash of all files in its output artifact, including the saved plan.
pub const PLAN_SHA256: &str = "PLAN_SHA256";
/// The variable that the plan sets: how many resources it adds, changes and destroys, in one line.
pub const PLAN_SUMMARY: &str = "PLAN_SUMMARY";

/// The variables that `cargo xtask test` sets for cargo, and each build that runs it: with different values, cargo would
/// build everything twice. Incremental files take a gigabyte, and only help a second build of a changed source. Without
/// them, cargo divides each crate of the workspace into 16 units. One unit is less work, and its code is faster.
pub const BUILT_ONCE: [(&str, &str); 2] =
    [("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_CODEGEN_UNITS", "1")];

/// The packages that `cargo xtask mutants` mutates: the functions, and what all of them use.
pub fn mutated() -> impl Iterator<Item = &'static str> {
    FunctionName::BINS.into_iter().chain(["runtime", "contracts", "function-contract", "asl"])
}

/// Every build spec, by its path.
pub fn build_specs() -> [(&'static str, BuildSpec); 4] {
    [(BUILD, build_spec()), (PLAN, plan_spec()), (APPLY, apply_spec()), (SMOKE, smoke_spec())]
}

/// The commands that test the source, the same in CodeBuild and on GitHub.
pub fn checks() -> Vec<Command> {
    vec![
        const { Command::line("cargo build --workspace --all-targets --locked") },
        const { Command::line("cargo xtask test") },
        const { Command::line("cargo run --locked -p infra-gen -- --check") },
        const { Command::line("cargo xtask package") },
    ]
}

/// The build of this repository.
pub fn build_spec() -> BuildSpec {
    BuildSpec {
        version: Version::V0_2,
        env: Env {
            shell: Some(Shell::Bash),
            variables: BUILT_ONCE.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            exported_variables: [PACKAGE_SHA256.to_owned()].into(),
        },
        phases: Phases {
            install: phase([tools::rust(), tools::terraform()].concat()),
            pre_build: phase(vec![const { Command::line("cargo fetch --locked") }]),
            build: phase([checks(), steps::HASH_PACKAGE.to_vec()].concat()),
            post_build: None,
        },
        reports: [].into(),
        artifacts: Some(steps::files(&steps::PACKAGE)),
        cache: cache(&["/root/.cargo/registry/**/*", "/root/.rustup/**/*", "target/**/*"]),
    }
}

fn phase(commands: Vec<Command>) -> Option<Phase> {
    // CodeBuild runs a later phase of a failed build, too, which has no files then.
    Some(Phase { on_failure: Some(OnFailure::Abort), commands, finally: Vec::new() })
}

fn cache(paths: &[&str]) -> Option<Cache> {
    Some(Cache { key: None, paths: paths.iter().map(|it| (*it).to_owned()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use infra_core::render::workflow::Step;

    const SUITE: &str = "cargo xtask test";

    #[test]
    fn what_runs_the_suite_builds_as_the_suite_does() {
        let mut found = 0;
        for (path, spec) in build_specs() {
            let phases = &spec.phases;
            let all = [&phases.install, &phases.pre_build, &phases.build, &phases.post_build];
            let mut commands = all.into_iter().flatten().flat_map(|it| &it.commands);
            if commands.any(|it| it.as_str() == SUITE) {
                for (name, value) in BUILT_ONCE {
                    let set = spec.env.variables.get(name).map(String::as_str);
                    assert_eq!(set, Some(value), "{path}");
                }
                found += 1;
            }
        }
        for (key, job) in workflow().jobs {
            let runs =
                |it: &Step| matches!(it, Step::Run { command, .. } if command.as_str() == SUITE);
            if job.steps.iter().any(runs) {
                for (name, value) in BUILT_ONCE {
                    assert!(job.env.contains(&(name, value.into())), "{key}");
                }
                found += 1;
            }
        }
        assert_eq!(found, 3);
    }
}
