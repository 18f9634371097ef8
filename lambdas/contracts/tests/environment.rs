//! Checks that functions read environment variables only through their contracts.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The files that may read the process environment, with the reason.
const READERS: [&str; 2] = [
    // Reads all variables of a contract.
    "crates/function-contract/src/env.rs",
    // Reads Lambda's own variables, which are not part of a contract.
    "lambdas/runtime/src/live.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns every Rust file of the packages below `lambdas` and of `function-contract`, except tests, by its path.
fn sources() -> Vec<(String, String)> {
    let root = root();
    let packages = fs::read_dir(root.join("lambdas")).unwrap().map(|it| it.unwrap().path());
    let packages = packages.chain([root.join("crates/function-contract")]);
    let packages = packages.map(|it| it.join("src"));
    let mut folders: Vec<PathBuf> = packages.filter(|it| it.is_dir()).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                sources.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

#[test]
fn clippy_knows_the_ban() {
    let text = fs::read_to_string(root().join("clippy.toml")).unwrap();
    for method in ["std::env::var", "std::env::var_os", "std::env::vars", "std::env::vars_os"] {
        assert!(text.contains(&format!("path = \"{method}\"")), "{method} is not banned");
    }
}

#[test]
fn only_contracts_read_the_environment() {
    let (mut readers, mut excused) = (BTreeSet::new(), BTreeSet::new());
    for (name, text) in sources() {
        if text.contains("env::var") || text.contains("use std::env") {
            readers.insert(name.clone());
        }
        let excuses: Vec<_> = text.lines().filter(|it| it.contains("disallowed_methods")).collect();
        for excuse in &excuses {
            // `expect` instead of `allow`, so that rustc reports an exception that is no longer needed.
            assert!(excuse.trim().starts_with("#[expect("), "{name}: {excuse}");
            assert!(excuse.contains("reason = \""), "{name}: {excuse}");
            excused.insert(name.clone());
        }
        assert!(excuses.len() <= 1, "{name}: {excuses:?}");
    }
    assert_eq!(readers, READERS.map(str::to_owned).into());
    assert_eq!(excused, readers);
}
