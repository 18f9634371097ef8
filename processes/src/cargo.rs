//! Starts cargo from a program that cargo started.
//!
//! `cargo run` sets variables such as `CARGO_PKG_NAME` and `CARGO_MANIFEST_DIR` for its program. Some build scripts run
//! again when one of them changes (that of `ring` does). A cargo that inherits the variables would therefore rebuild,
//! and the next `cargo run` would rebuild once more.
//! <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>

use std::{ffi::OsStr, process::Command};

/// The variables that cargo sets for the programs that it runs. A `_` at the end stands for every name with this
/// prefix. Variables that a user sets for cargo, such as `CARGO_HOME`, `CARGO_TARGET_DIR` and `CARGO_BUILD_JOBS`, are
/// not in the list.
const SET: [&str; 12] = [
    "CARGO",
    "CARGO_BIN_EXE_",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_RUSTC_CURRENT_DIR",
    "CARGO_TARGET_TMPDIR",
    "OUT_DIR",
];

/// The cargo that built this program, without the variables that cargo set for this program.
pub fn command() -> Command {
    as_from_a_shell(env!("CARGO"))
}

/// A program that starts cargo in turn, without the variables that cargo set for this program.
#[expect(
    clippy::disallowed_methods,
    reason = "a variable that cargo sets is not a setting of a function"
)]
pub fn as_from_a_shell(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_set_by_cargo) {
            command.env_remove(name);
        }
    }
    command
}

fn is_set_by_cargo(name: &str) -> bool {
    SET.iter().any(|it| name == *it || it.ends_with('_') && name.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_cargo_are_distinguished_from_those_of_a_user() {
        fn check(name: &str, expected: bool) {
            assert_eq!(is_set_by_cargo(name), expected, "{name}");
        }
        check("CARGO", true);
        check("CARGO_PKG_NAME", true);
        check("CARGO_PKG_VERSION_PRE", true);
        check("CARGO_MANIFEST_DIR", true);
        check("CARGO_BIN_EXE_dofs", true);
        check("CARGO_HOME", false);
        check("CARGO_TARGET_DIR", false);
        check("CARGO_BUILD_JOBS", false);
        check("CARGO_INCREMENTAL", false);
        check("CARGO_NET_OFFLINE", false);
        check("PATH", false);
    }

    /// cargo has started this test, so its variables are set.
    #[test]
    fn cargo_does_not_inherit_the_variables_of_this_package() {
        let taken: Vec<String> = command()
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        for name in ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            assert!(taken.iter().any(|it| it == name), "{name} is inherited: {taken:?}");
        }
    }
}
