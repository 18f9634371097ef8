//! Makes builds reproducible: the same source gives the same bytes in every folder.
//!
//! Paths get into a program through panics (`file!`), `OUT_DIR` and the assertions of C code. Compiler flags replace
//! each folder with a fixed name. Cargo does not include these flags in the hashes of symbol names, so the flags may
//! differ between machines without changing the bytes.

use std::{path::PathBuf, process::Command};

use crate::workspace::Workspace;

/// Sets the variables that a build must not take from the machine. The user's flags for Rust and C are ignored, because
/// they would change the bytes.
pub(super) fn settle(command: &mut Command, workspace: &Workspace) {
    let folders = folders(workspace);
    let rust: Vec<String> = folders
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .collect();
    // Flags for C are split at spaces, so a folder with a space cannot be passed. Flags for Rust are not.
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
        // The date of C's `__DATE__`: 1980-01-01.
        .env("SOURCE_DATE_EPOCH", "315532800");
}

/// Each folder with its fixed name. An inner folder comes after its outer one, because the compiler takes the last one
/// that matches.
fn folders(workspace: &Workspace) -> Vec<(PathBuf, String)> {
    let rustc = &workspace.rustc;
    let named = [
        (workspace.root.clone(), "/dofs".to_owned()),
        (workspace.target.clone(), "/dofs/target".to_owned()),
        (workspace.cargo_home.clone(), "/cargo".to_owned()),
        // The source of the standard library, if it is installed. Without it, rustc writes this name.
        (rustc.sysroot.join("lib/rustlib/src/rust"), format!("/rustc/{}", rustc.commit)),
    ];
    let mut folders = Vec::new();
    for (from, to) in named {
        // Cargo may write a path as it was given, and C compilers write the path without links.
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
