//! Builds xtask with the features that its dependencies have in the test suite, and becomes it. `cargo xtask` runs this
//! program.
//!
//! Cargo enables a feature of a dependency if a package asks for it that is built in the same call. `cargo run --package
//! xtask` builds no other package, so serde_json, jsonschema, infra-core and 60 more crates would have fewer features
//! than in the suite, which would build all of them again.
//! <https://doc.rust-lang.org/cargo/reference/resolver.html#features>

use std::{
    env, io,
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode},
};

/// The build of xtask. With a test, the features include those that the tests of all packages ask for. The test is one
/// that is built fast.
const BUILD: [&str; 8] =
    ["build", "--workspace", "--locked", "--quiet", "--bin", "xtask", "--test", "environment"];

/// As `infra_gen::topology::build::BUILT_ONCE`, which this program cannot use, because it builds it. With other values,
/// the suite would build the crates of this repository again.
const BUILT_ONCE: [(&str, &str); 2] =
    [("CARGO_INCREMENTAL", "0"), ("CARGO_PROFILE_DEV_CODEGEN_UNITS", "1")];

fn main() -> io::Result<ExitCode> {
    let mut cargo = processes::cargo::command();
    let status = cargo.args(BUILD).envs(BUILT_ONCE).status()?;
    if !status.success() {
        let code = status.code().and_then(|it| u8::try_from(it).ok());
        return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
    }
    let xtask = env::current_exe()?.with_file_name("xtask");
    let mut xtask: Command = processes::cargo::as_from_a_shell(xtask);
    // Signals and the exit code are those of xtask, because it replaces this process.
    Err(xtask.args(env::args_os().skip(1)).exec())
}
