//! How CodeBuild builds, tests and checks this repository, and how it plans, applies and tries what
//! came of it. The workflow on GitHub does the first part with the same commands.
//!
//! All commands of a build run in one shell: what one of them exports, the next ones see.

mod steps;
mod tools;
mod workflow;

pub use steps::{apply_spec, plan_spec, smoke_spec};
pub use workflow::{WORKFLOW, workflow};

use crate::render::buildspec::{
    BuildSpec, Cache, Command, Env, OnFailure, Phase, Phases, Shell, Version,
};

/// The build, where CodeBuild looks for it by itself.
pub const BUILD: &str = "buildspec.yml";
/// Planning an environment.
pub const PLAN: &str = "generated/cicd/buildspecs/plan.yml";
/// Applying the plan.
pub const APPLY: &str = "generated/cicd/buildspecs/apply.yml";
/// Trying what was applied.
pub const SMOKE: &str = "generated/cicd/buildspecs/smoke.yml";

/// Set for every step: which environment it is about.
pub const ENVIRONMENT: &str = "ENVIRONMENT";
/// Set by the plan: 0 where nothing differs, 2 where something does.
pub const PLAN_EXIT: &str = "PLAN_EXIT";
/// Set by the build: the hash of all files that it hands on.
pub const PACKAGE_SHA256: &str = "PACKAGE_SHA256";
/// Set by the plan: the hash of all files that it hands on, the saved plan among them.
pub const PLAN_SHA256: &str = "PLAN_SHA256";
/// Set by the plan: how much it adds, changes and destroys, in one line.
pub const PLAN_SUMMARY: &str = "PLAN_SUMMARY";

/// What `cargo xtask test` sets for cargo, and each build that runs it: where they differed, cargo would build everything
/// a second time. Incremental files take a gigabyte, and only a second build of a changed source gains by them.
pub const BUILT_ONCE: (&str, &str) = ("CARGO_INCREMENTAL", "0");

/// The packages in which `cargo xtask mutants` makes mistakes, the smallest first.
pub const MUTATED: [&str; 8] = [
    "validator",
    "order_storage",
    "reconcile_orders",
    "fulfill_order",
    "api_handler",
    "runtime",
    "contracts",
    "asl",
];

/// Every build spec, by its path.
pub fn build_specs() -> [(&'static str, BuildSpec); 4] {
    [(BUILD, build_spec()), (PLAN, plan_spec()), (APPLY, apply_spec()), (SMOKE, smoke_spec())]
}

/// What it takes to trust the source: the same in CodeBuild and on GitHub.
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
            variables: [BUILT_ONCE].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
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
    // A later phase of a build that failed has nothing to work on.
    Some(Phase { on_failure: Some(OnFailure::Abort), commands, finally: Vec::new() })
}

fn cache(paths: &[&str]) -> Option<Cache> {
    Some(Cache { key: None, paths: paths.iter().map(|it| (*it).to_owned()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::workflow::Step;

    const SUITE: &str = "cargo xtask test";

    #[test]
    fn what_runs_the_suite_builds_as_the_suite_does() {
        let (name, value) = BUILT_ONCE;
        let mut found = 0;
        for (path, spec) in build_specs() {
            let phases = &spec.phases;
            let all = [&phases.install, &phases.pre_build, &phases.build, &phases.post_build];
            let mut commands = all.into_iter().flatten().flat_map(|it| &it.commands);
            if commands.any(|it| it.as_str() == SUITE) {
                assert_eq!(spec.env.variables.get(name).map(String::as_str), Some(value), "{path}");
                found += 1;
            }
        }
        for (key, job) in workflow().jobs {
            let runs =
                |it: &Step| matches!(it, Step::Run { command, .. } if command.as_str() == SUITE);
            if job.steps.iter().any(runs) {
                assert!(job.env.contains(&(name, value.into())), "{key}");
                found += 1;
            }
        }
        assert_eq!(found, 3);
    }
}
