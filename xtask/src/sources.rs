//! Checks that some texts appear only where they are allowed in the sources of this repository.

use std::path::{Path, PathBuf};

use fs_err as fs;

/// A text that is allowed only in one place.
struct Rule {
    text: &'static str,
    /// The beginning of the paths in which it is allowed.
    only: &'static [&'static str],
    instead: &'static str,
}

// Each text is written in two parts, because otherwise this file would break its own rules.
const RULES: [Rule; 5] = [
    Rule {
        text: concat!("/pr", "oc/"),
        only: &["processes/src/"],
        instead: "macOS has no such files: ask the crate `processes`",
    },
    Rule {
        text: concat!("\"/pr", "oc\""),
        only: &["processes/src/"],
        instead: "macOS has no such files: ask the crate `processes`",
    },
    Rule {
        text: concat!("sysinfo", "::"),
        only: &["processes/src/"],
        instead: "ask the crate `processes`, and add to it what it lacks",
    },
    Rule {
        text: concat!("env!(\"", "CARGO\")"),
        only: &["processes/src/cargo.rs"],
        instead: "start cargo by `processes::cargo::command`, or it builds again what is built",
    },
    Rule {
        text: concat!("Command::new(\"", "cargo\")"),
        only: &[],
        instead: "start cargo by `processes::cargo::command`, or it builds again what is built",
    },
];

/// Every line that breaks a rule: the file, the number of the line, and what to do instead.
fn broken(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rule in RULES.iter().filter(|rule| !rule.only.iter().any(|it| file.starts_with(it))) {
        for (number, line) in text.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if line.contains(rule.text) && !is_comment {
                let (number, text, instead) = (number + 1, rule.text, rule.instead);
                found.push(format!("{file}:{number}: `{text}`: {instead}"));
            }
        }
    }
    found
}

/// Every Rust file below a folder, except files of cargo and git.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, name) = (entry.path(), entry.file_name());
        match path.is_dir() {
            _ if name == "target" || name.to_string_lossy().starts_with('.') => (),
            true => found.extend(sources(&path)),
            false => found.extend(path.extension().is_some_and(|it| it == "rs").then_some(path)),
        }
    }
    found
}

#[test]
fn restricted_texts_appear_only_where_they_are_allowed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = sources(root);
    assert!(files.len() > 500, "only {} files are found", files.len());
    let broken: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            broken(&name, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_broken_rule_is_named_with_its_line() {
    fn check(file: &str, line: &str, expected: bool) {
        let found = broken(file, &format!("first\n{line}\n"));
        assert_eq!(
            found.iter().any(|it| it.starts_with(&format!("{file}:2: "))),
            expected,
            "{line}"
        );
    }
    for rule in &RULES {
        check("dofs/src/child.rs", &format!("    let it = {} …", rule.text), true);
        check("dofs/src/child.rs", &format!("    // not {}", rule.text), false);
        for only in rule.only {
            check(&format!("{only}x.rs"), rule.text, false);
        }
    }
}
