//! Normalises a message of rustc: removes the parts that differ between machines, and between revisions of files other
//! than the case.

use std::path::Path;

use anyhow::ensure;

use crate::Invocation;

/// The beginnings of the lines with which rustc ends its output.
const CLOSING: [&str; 3] = [
    "error: aborting due to ",
    "Some errors have detailed explanations: ",
    "For more information about ",
];

/// The kind of file whose lines a message shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Case,
    OtherFile,
    StandardLibrary,
}

/// A line of a message.
enum Line {
    /// A line that begins at the left edge, and its continuation lines.
    Heading(String),
    /// A line after the columns for line numbers.
    Beside(String),
}

impl Line {
    /// Returns the line without the columns that no line number needs.
    fn narrowed(self, surplus: &str) -> String {
        match self {
            Line::Heading(line) => line,
            Line::Beside(line) => {
                let (number, rest) = line.split_at(line.find(' ').unwrap_or(line.len()));
                format!("{number}{}", rest.strip_prefix(surplus).unwrap_or(rest))
            }
        }
    }
}

/// Returns the message of rustc about `case` in the form of the `.stderr` files:
///
/// - Paths are relative to the package, or begin with `$WORKSPACE`, `$CARGO` or `$RUST`. Paths of external crates have
///   no version.
/// - Only lines of the case have line numbers.
/// - Lines of the standard library are removed, because rustc shows them only if its source is installed.
pub(crate) fn normal(said: &str, invocation: &Invocation<'_>, case: &Path) -> String {
    let case = case.display().to_string();
    let diagnostics = said.split("\n\n").map(|it| diagnostic(it, invocation, &case));
    let diagnostics: Vec<String> = diagnostics.filter(|it| !it.is_empty()).collect();
    diagnostics.join("\n\n") + "\n"
}

/// One error, with its notes.
fn diagnostic(said: &str, invocation: &Invocation<'_>, case: &str) -> String {
    let mut lines = Vec::new();
    let (mut shown, mut is_heading) = (Shown::Case, true);
    // Columns for line numbers: rustc leaves enough for the longest of all files; the case may need fewer.
    let (mut left, mut needed) = (1, 1);
    for line in said.lines().filter(|line| !CLOSING.iter().any(|it| line.starts_with(it))) {
        let rest = line.trim_start_matches(|it: char| it == ' ' || it.is_ascii_digit());
        let margin = line.len() - rest.len();
        let location = rest.split_once(' ').filter(|it| matches!(it.0, "-->" | ":::"));
        let is_source = rest.starts_with('|') || rest.starts_with("...");
        let is_beside = location.is_some() || is_source || rest.starts_with('=');
        is_heading = !is_beside && (margin == 0 || is_heading);
        let line = match location {
            Some((arrow, path)) => {
                left = margin;
                let path = shortened(path, invocation);
                let file = path.trim_end_matches(|it: char| it == ':' || it.is_ascii_digit());
                shown = match file {
                    _ if file == case => Shown::Case,
                    _ if file.starts_with("$RUST/") => Shown::StandardLibrary,
                    _ => Shown::OtherFile,
                };
                let path = if shown == Shown::Case { &path } else { file };
                format!("{:margin$}{arrow} {path}", "")
            }
            None if is_source && shown == Shown::StandardLibrary => continue,
            None if is_source && shown == Shown::OtherFile => format!("{:margin$}{rest}", ""),
            None => {
                needed = needed.max(line[..margin].trim().len());
                line.to_owned()
            }
        };
        if !is_beside {
            shown = Shown::Case;
        }
        lines.push(if is_heading { Line::Heading(line) } else { Line::Beside(line) });
    }
    let surplus = " ".repeat(left.saturating_sub(needed));
    let lines: Vec<String> = lines.into_iter().map(|it| it.narrowed(&surplus)).collect();
    lines.join("\n")
}

/// Returns a path whose beginning, a folder of this machine, is replaced by a name.
fn shortened(path: &str, invocation: &Invocation<'_>) -> String {
    let path = Path::new(invocation.workspace).join(path);
    let path = path.to_string_lossy();
    let below = |folder: &str| path.strip_prefix(folder)?.strip_prefix('/');
    let source = path.split_once("/rustlib/src/rust/library/");
    let source = source.or_else(|| path.strip_prefix("/rustc/")?.split_once("/library/"));
    let registry = path.split_once("/registry/src/").and_then(|(_, it)| it.split_once('/'));
    match (below(invocation.package), below(invocation.workspace), source, registry) {
        (Some(path), ..) => path.to_owned(),
        (_, Some(path), ..) => format!("$WORKSPACE/{path}"),
        (_, _, Some((_, path)), _) => format!("$RUST/{path}"),
        (_, _, _, Some((_, path))) => {
            let (package, file) = path.split_once('/').unwrap_or((path, ""));
            let name = package.split_once('.').and_then(|(it, _)| it.rsplit_once('-'));
            format!("$CARGO/{}-$VERSION/{file}", name.map_or(package, |(it, _)| it))
        }
        (None, None, None, None) => path.into_owned(),
    }
}

/// Fails unless a message has exactly one error, no warning, and no path of this machine.
pub(crate) fn one_clear_error(message: &str) -> anyhow::Result<()> {
    let errors = message.lines().filter(|it| it.starts_with("error")).count();
    ensure!(errors == 1, "a case must cause one error, but rustc reports {errors}");
    ensure!(
        !message.contains("warning"),
        "rustc also reports a warning, which distracts from the error"
    );
    ensure!(!message.contains("> /"), "the message contains a path of this machine");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVOCATION: Invocation<'_> =
        Invocation { rustc: "rustc", workspace: "/w", package: "/w/p", arguments: &[] };

    fn check(said: &str, expected: &str) {
        assert_eq!(normal(said, &INVOCATION, Path::new("ui/case.rs")), expected);
    }

    #[test]
    fn only_lines_of_the_case_have_numbers() {
        check(
            "\
error[E0308]: mismatched types
   --> p/ui/case.rs:9:5
    |
  9 |     call(queue);
    |          ^^^^^ expected `Topic`, found `Queue`
    |
    = note: expected struct `Topic`
               found struct `Queue`
note: function defined here
   --> p/src/call.rs:117:8
    |
117 |     pub fn call(
    |            ^^^^
...
120 |         it: Topic,
    |         ---------
help: the trait `Call` is not implemented for `Queue`
      but for `Topic`
   --> /rustc/59807616e1/library/core/src/call.rs:1:1
    |
  1 |     trait Call
    |     ^^^^^^^^^^
    = note: it is sealed
help: try this
    |
  9 -     call(queue);
  9 +     call(topic);

error: aborting due to 1 previous error

For more information about this error, try `rustc --explain E0308`.
",
            "\
error[E0308]: mismatched types
 --> ui/case.rs:9:5
  |
9 |     call(queue);
  |          ^^^^^ expected `Topic`, found `Queue`
  |
  = note: expected struct `Topic`
             found struct `Queue`
note: function defined here
 --> src/call.rs
  |
  |     pub fn call(
  |            ^^^^
...
  |         it: Topic,
  |         ---------
help: the trait `Call` is not implemented for `Queue`
      but for `Topic`
 --> $RUST/core/src/call.rs
  = note: it is sealed
help: try this
  |
9 -     call(queue);
9 +     call(topic);
",
        );
    }

    #[test]
    fn the_source_of_the_standard_library_may_be_installed() {
        let expected = "note: defined here\n --> $RUST/core/src/option.rs\n";
        check(
            "note: defined here\n   --> /rustc/59807616e1/library/core/src/option.rs:602:5\n",
            expected,
        );
        check(
            "note: defined here\n   --> /t/lib/rustlib/src/rust/library/core/src/option.rs:602:5\n    |\n602 |     Some(T),\n    |     ^^^^\n",
            expected,
        );
    }

    #[test]
    fn a_path_of_this_machine_is_found() {
        let said = "error: no\n --> /home/me/vendored/lib.rs\n";
        let problem = one_clear_error(said).unwrap_err().to_string();
        assert_eq!(problem, "the message contains a path of this machine");
    }

    #[test]
    fn paths_begin_at_a_name() {
        fn check(path: &str, expected: &str) {
            assert_eq!(shortened(path, &INVOCATION), expected);
        }
        check("/w/p/src/lib.rs:3:1", "src/lib.rs:3:1");
        check("p/src/lib.rs:3:1", "src/lib.rs:3:1");
        check("parts/lib.rs:3:1", "$WORKSPACE/parts/lib.rs:3:1");
        check("/w/parts/lib.rs:3:1", "$WORKSPACE/parts/lib.rs:3:1");
        check("/wood/lib.rs:3:1", "/wood/lib.rs:3:1");
        check(
            "/c/registry/src/index.crates.io-1949cf8c6b5b557f/serde_json-1.0.0-rc.1/src/de.rs:1:1",
            "$CARGO/serde_json-$VERSION/src/de.rs:1:1",
        );
    }
}
