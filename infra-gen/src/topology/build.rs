//! How CodeBuild builds, tests and checks this repository.

use crate::render::buildspec::{
    Artifacts, BuildSpec, Cache, Command, Env, OnFailure, Phase, Phases, Shell, Version,
};

/// The build of this repository.
pub fn build_spec() -> BuildSpec {
    let phase = |commands: Vec<Command>| {
        // A later phase of a build that failed has nothing to work on.
        Some(Phase { on_failure: Some(OnFailure::Abort), commands, finally: Vec::new() })
    };
    BuildSpec {
        version: Version::V0_2,
        env: Env { shell: Some(Shell::Bash), ..Env::default() },
        phases: Phases {
            // The toolchain is pinned by rust-toolchain.toml, and rustup fetches it when asked.
            install: phase(vec![const { Command::line("rustup show") }]),
            pre_build: phase(vec![const { Command::line("cargo fetch --locked") }]),
            build: phase(vec![
                const { Command::line("cargo build --workspace --all-targets --locked") },
                const { Command::line("cargo xtask test") },
                const { Command::line("cargo run --locked -p infra-gen -- --check") },
                const { Command::line("cargo xtask package") },
            ]),
            post_build: None,
        },
        reports: [].into(),
        artifacts: Some(Artifacts {
            name: None,
            base_directory: None,
            files: ["generated/**/*", "target/lambda/**/*"].map(str::to_owned).into(),
            exclude_paths: Vec::new(),
        }),
        cache: Some(Cache {
            key: None,
            paths: ["/root/.cargo/registry/**/*", "target/**/*"].map(str::to_owned).into(),
        }),
    }
}
