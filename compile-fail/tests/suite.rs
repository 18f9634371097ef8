//! Each test runs a suite with one fault, and checks the error that reports it.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::path::Path;

use compile_fail::{Invocation, Mode, Suite};
use fs_err as fs;

const MISTAKE: &str =
    "//! A text where a number is due.\n\nfn main() {\n    let _: u8 = \"\";\n}\n";
const MESSAGE: &str = r#"error[E0308]: mismatched types
 --> ui/mistake.rs:4:17
  |
4 |     let _: u8 = "";
  |            --   ^^ expected `u8`, found `&str`
  |            |
  |            expected due to this
"#;
const SOUND: &str = "use anyhow as _;\n\nfn main() {}\n";

/// A suite without a fault.
const FILES: [(&str, &str); 3] =
    [("ui/mistake.rs", MISTAKE), ("ui/mistake.stderr", MESSAGE), ("ui/pass/sound.rs", SOUND)];

/// Writes [`FILES`] into a folder, with the replacements in `changes`. An empty text removes the file.
fn package(changes: &[(&str, &str)]) -> tempfile::TempDir {
    let package = tempfile::tempdir().unwrap();
    fs::create_dir_all(package.path().join("ui/pass")).unwrap();
    for (name, text) in FILES.iter().chain(changes) {
        let path = package.path().join(name);
        match text.is_empty() {
            true => fs::remove_file(path).unwrap(),
            false => fs::write(path, text).unwrap(),
        }
    }
    package
}

fn suite(invocation: Invocation<'_>) -> Suite<'_> {
    Suite { invocation, folder: "ui", fewest: 1 }
}

fn run(mode: Mode, package: &Path) -> Result<(), String> {
    let package = package.to_str().unwrap();
    let invocation = Invocation { package, ..compile_fail::invocation!() };
    suite(invocation).run_as(mode).map_err(|err| format!("{err:#}"))
}

fn check(changes: &[(&str, &str)], expected: &str) {
    let said = run(Mode::Compare, package(changes).path()).unwrap_err();
    assert!(said.contains(expected), "`{expected}` is not in\n{said}");
}

#[test]
fn a_mistake_with_the_expected_message_passes() {
    assert_eq!(run(Mode::Compare, package(&[]).path()), Ok(()));
}

#[test]
fn another_message_is_shown_as_a_difference() {
    let other = MESSAGE.replace("found `&str`", "found `&String`");
    check(
        &[("ui/mistake.stderr", &other)],
        "\n-  |            --   ^^ expected `u8`, found `&String`\n+",
    );
}

#[test]
fn a_mistake_that_compiles_is_found() {
    check(
        &[("ui/mistake.rs", "//! No mistake.\nfn main() {}\n")],
        "ui/mistake.rs: it must not compile, but it compiles",
    );
}

#[test]
fn cases_and_expectations_come_in_pairs() {
    check(
        &[("ui/mistake.stderr", "")],
        "ui/mistake.rs: it has no `.stderr` file; rustc prints\nerror[E0308]",
    );
    check(&[("ui/gone.stderr", MESSAGE)], "ui/gone.stderr: there is no case with this name");
    check(
        &[("ui/pass/sound.stderr", MESSAGE)],
        "ui/pass/sound.stderr: there is no case with this name",
    );
    check(
        &[("ui/notes.txt", "-")],
        "ui/notes.txt is neither a case (`.rs`) nor the expected output of one (`.stderr`)",
    );
}

#[test]
fn deleted_cases_are_noticed() {
    check(
        &[("ui/mistake.rs", ""), ("ui/mistake.stderr", "")],
        "ui has 0 cases, but at least 1 is expected",
    );
}

#[test]
fn a_case_says_what_is_wrong_with_it() {
    let without = MISTAKE.replace("//! A", "// A");
    check(
        &[("ui/mistake.rs", &without)],
        "its first line, and no other line, must be a `//! ` comment that describes the mistake",
    );
}

#[test]
fn one_mistake_gets_one_error() {
    let two = MISTAKE.replace("\n}", "\n    let _: u8 = ' ';\n}");
    check(&[("ui/mistake.rs", &two)], "a case must cause one error, but rustc reports 2");
    let unused = MISTAKE.replace("\n}", "\n    use std::fs;\n}");
    check(
        &[("ui/mistake.rs", &unused)],
        "rustc also reports a warning, which distracts from the error",
    );
}

#[test]
fn a_case_in_pass_must_compile_without_messages() {
    for (sound, expected) in [
        ("use missing as _;\nfn main() {}\n", "unresolved import `missing`"),
        ("fn main() {\n    use std::fs;\n}\n", "unused import: `std::fs`"),
    ] {
        check(&[("ui/pass/sound.rs", sound)], expected);
        check(
            &[("ui/pass/sound.rs", sound), ("ui/mistake.stderr", "")],
            "the other cases prove nothing until this compiles",
        );
    }
    check(&[("ui/pass/sound.rs", "")], "ui/pass has no case");
}

#[test]
fn bless_writes_what_compare_takes() {
    for changes in [[("ui/mistake.stderr", "")], [("ui/mistake.stderr", "error: another\n")]] {
        let package = package(&changes);
        assert_eq!(run(Mode::Bless, package.path()), Ok(()));
        assert_eq!(fs::read_to_string(package.path().join("ui/mistake.stderr")).unwrap(), MESSAGE);
        assert_eq!(run(Mode::Compare, package.path()), Ok(()));
    }
}

#[test]
fn bless_refuses_mistakes_that_compile_and_second_errors() {
    let two = MISTAKE.replace("\n}", "\n    let _: u8 = ' ';\n}");
    for mistake in ["//! No mistake.\nfn main() {}\n", &two] {
        let package = package(&[("ui/mistake.rs", mistake)]);
        run(Mode::Bless, package.path()).unwrap_err();
        assert_eq!(fs::read_to_string(package.path().join("ui/mistake.stderr")).unwrap(), MESSAGE);
    }
}

#[test]
fn a_missing_library_is_reported() {
    let package = package(&[]);
    let arguments = ["--extern", "anyhow=/gone/libanyhow-1.rlib"];
    let package = package.path().to_str().unwrap();
    let invocation = Invocation { package, arguments: &arguments, ..compile_fail::invocation!() };
    let said = suite(invocation).run_as(Mode::Compare).unwrap_err().to_string();
    assert!(said.starts_with("/gone/libanyhow-1.rlib no longer exists"), "{said}");
}
