//! What must not compile. Each file in `tests/ui` makes one mistake, and its `.stderr` is what the
//! compiler says to whoever makes it.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test -p runtime --test ui`, and then read
//! the difference as somebody would who made the mistake.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{collections::BTreeSet, ffi::OsStr, fs, path::Path};

/// The corpus may grow, but not melt away.
const FEWEST: usize = 15;

#[test]
fn what_a_function_must_not_do_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[test]
fn every_mistake_gets_one_clear_error() {
    let (mut cases, mut messages) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        match path.extension().and_then(OsStr::to_str) {
            Some("rs") => {
                let docs = text.lines().filter(|it| it.starts_with("//!")).count();
                assert!(text.starts_with("//! ") && docs == 1, "{name}: its first line says why");
                assert!(cases.insert(name));
            }
            Some("stderr") => {
                let errors = text.lines().filter(|it| it.starts_with("error")).count();
                assert_eq!(errors, 1, "{name}: one mistake, one error");
                assert!(!text.contains("warning"), "{name}: a warning distracts");
                assert!(!text.contains("> /"), "{name}: a path of somebody's machine");
                assert!(messages.insert(name));
            }
            _ => panic!("{} is neither a case nor a message", path.display()),
        }
    }
    assert_eq!(cases, messages, "every case has its message");
    assert!(cases.len() >= FEWEST, "only {} cases", cases.len());
}
