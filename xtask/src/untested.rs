//! Checks that targets with `test = false` or `doctest = false` in a manifest have no tests.
//!
//! Without these settings, cargo would compile and link libraries and binaries without tests a second time, and rustdoc
//! would search each library for examples. With them, a test in such a target would never run, so this module finds it.

use std::path::{Path, PathBuf};

use fs_err as fs;

use crate::{
    sources::sources,
    workspace::{Package, Target, Workspace},
};

/// The files of a library or a binary. A binary is one file.
fn files_of(package: &Package, target: &Target) -> Vec<PathBuf> {
    let is_lib = target.kind.iter().any(|it| it == "lib" || it == "proc-macro");
    if !is_lib {
        return vec![target.src_path.clone()];
    }
    let of_others: Vec<&PathBuf> = package
        .targets
        .iter()
        .map(|it| &it.src_path)
        .filter(|it| **it != target.src_path)
        .collect();
    let folder = target.src_path.parent().unwrap_or(Path::new("/"));
    sources(folder).into_iter().filter(|it| !of_others.contains(&it)).collect()
}

fn has_a_test(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    lines.any(|it| it.starts_with("#[test") || it.starts_with("#[tokio::test"))
}

/// Whether a text has a code fence in a doc comment, which rustdoc runs as an example.
fn has_an_example(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        doc.is_some_and(|it| it.trim_start().starts_with("```"))
    })
}

#[test]
fn targets_that_are_not_tested_have_no_tests() {
    let workspace = Workspace::here().unwrap();
    let is =
        |target: &Target, kinds: &[&str]| target.kind.iter().any(|it| kinds.contains(&it.as_str()));
    let (mut found, mut looked) = (Vec::new(), 0);
    for package in &workspace.packages {
        for target in package.targets.iter().filter(|it| is(it, &["lib", "proc-macro", "bin"])) {
            let without_examples = is(target, &["lib", "proc-macro"]) && !target.doctest;
            if target.test && !without_examples {
                continue;
            }
            looked += 1;
            for file in files_of(package, target) {
                let text = fs::read_to_string(&file).unwrap();
                let is_module = |it: &str| it.starts_with("mod ") || it.starts_with("pub mod ");
                if !target.test && is(target, &["bin"]) && text.lines().any(is_module) {
                    found.push(format!("{} has `test = false`, and modules", file.display()));
                }
                if !target.test && has_a_test(&text) {
                    found.push(format!("{} has `test = false`, and a test", file.display()));
                }
                if without_examples && has_an_example(&text) {
                    found.push(format!("{} has `doctest = false`, and an example", file.display()));
                }
            }
        }
    }
    assert!(looked > 10, "only {looked} are looked at");
    assert!(found.is_empty(), "{}\n  fix: take that line out of the Cargo.toml", found.join("\n"));
}

#[test]
fn tests_and_examples_are_seen() {
    assert!(has_a_test("mod tests {\n    #[test]\n    fn a() {}\n}"));
    assert!(has_a_test("#[tokio::test(flavor = \"current_thread\")]\nasync fn a() {}"));
    assert!(!has_a_test("/// A `#[test]` is none here.\nfn a() {}"));
    assert!(has_an_example("    /// ```\n    /// a();\n    /// ```"));
    assert!(has_an_example("//! ```compile_fail\n"));
    assert!(!has_an_example("// ```\nlet a = \"```\";"));
}
