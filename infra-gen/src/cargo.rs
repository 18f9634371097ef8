//! cargo, started by a program that cargo started.
//!
//! `cargo run` tells its program which package it is, in variables such as `CARGO_PKG_NAME` and
//! `CARGO_MANIFEST_DIR`. Build scripts may ask to run again when one of them changes (`ring`'s does), so a
//! cargo that inherits them builds again what is built, and the next `cargo run` does so once more.
//! <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>

use std::{ffi::OsStr, process::Command};

/// What cargo sets for the programs that it runs. `_` at the end stands for every name that begins so. What
/// a user sets for cargo, such as `CARGO_HOME`, `CARGO_TARGET_DIR` and `CARGO_BUILD_JOBS`, is not among it.
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

/// The cargo that built this program, without what cargo has told this program about itself.
pub fn command() -> Command {
    as_from_a_shell(env!("CARGO"))
}

/// A program without what cargo has told this program about itself: for one that starts a cargo in turn.
#[expect(clippy::disallowed_methods, reason = "what cargo sets is no setting of a function")]
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
    fn what_cargo_sets_is_told_from_what_a_user_sets() {
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

    /// cargo itself has started this test, so its variables are there.
    #[test]
    fn cargo_is_not_told_which_package_this_is() {
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
