//! What makes two builds of one source alike, in whatever folders they happen.
//!
//! Paths get into a program through panics (`file!`), `OUT_DIR` and the assertions of C code. Each
//! folder is renamed by the compiler. Cargo leaves such flags out of the hashes that end up in names
//! of symbols, so the flags may differ where the bytes may not.

use std::{path::PathBuf, process::Command};

use crate::workspace::Workspace;

/// Sets what a build must not take from the machine. Flags of the user, for Rust and for C, do not
/// count: they would give other bytes.
pub(super) fn settle(command: &mut Command, workspace: &Workspace) {
    let folders = folders(workspace);
    let rust: Vec<String> = folders
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .collect();
    // Flags for C are split at spaces, so a folder with one cannot be told. Rust's can.
    let c: Vec<String> = folders
        .iter()
        .map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()))
        .filter(|it| !it.contains(char::is_whitespace))
        .collect();
    command
        .env("CARGO_ENCODED_RUSTFLAGS", rust.join("\x1f"))
        .env("CFLAGS", c.join(" "))
        .env("CXXFLAGS", c.join(" "))
        .env("CARGO_INCREMENTAL", "0")
        // What C's `__DATE__` says: 1980-01-01.
        .env("SOURCE_DATE_EPOCH", "315532800");
}

/// Each folder and its new name. Where one lies in another, the inner one comes later: of several
/// that fit, the compiler takes the last.
fn folders(workspace: &Workspace) -> Vec<(PathBuf, String)> {
    let rustc = &workspace.rustc;
    let named = [
        (workspace.root.clone(), "/dofs".to_owned()),
        (workspace.target.clone(), "/dofs/target".to_owned()),
        (workspace.cargo_home.clone(), "/cargo".to_owned()),
        // The standard library's own source, where it is installed. Without it, rustc writes this.
        (rustc.sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{}", rustc.commit)),
    ];
    let mut folders = Vec::new();
    for (from, to) in named {
        // Cargo may write a path as it was given, and C compilers as it really is.
        let real = fs_err::canonicalize(&from).unwrap_or_else(|_| from.clone());
        if real != from {
            folders.push((real, to.clone()));
        }
        folders.push((from, to));
    }
    folders.sort_by_key(|(from, _)| from.components().count());
    folders
}

#[cfg(test)]
mod tests;
