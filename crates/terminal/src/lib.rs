//! Writes to stdout and stderr, for every command of this repository. Nothing else does.
//!
//! `print!` panics if stdout is closed or its disk is full. These functions ignore a reader that has gone, as in
//! `infra-gen explain | head`: the command continues, and its exit code does not change. Any other failure is an error
//! for the caller. Control characters are escaped, so foreign text, such as a server's answer, cannot control the
//! terminal.

pub mod shell;

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use anstream::{AutoStream, ColorChoice};
use anyhow::Context as _;

/// Writes text to stdout, and escapes control characters ([`harmless`]).
///
/// # Errors
///
/// If writing fails for another reason than that the reader of stdout has gone.
pub fn stdout(text: &str) -> anyhow::Result<()> {
    raw(harmless(text).as_bytes())
}

/// Writes text to stdout, escapes control characters, and keeps the colours that this program has set.
///
/// # Errors
///
/// As [`stdout`].
pub fn painted(text: &str) -> anyhow::Result<()> {
    raw(escaped(text, true).as_bytes())
}

/// Writes bytes to stdout unchanged. Use it only for text that this program made, such as a shell's completions.
///
/// # Errors
///
/// As [`stdout`].
pub fn raw(bytes: &[u8]) -> anyhow::Result<()> {
    write(&mut io::stdout().lock(), bytes).context("writing to stdout failed")
}

fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    match to.write_all(bytes).and_then(|()| to.flush()) {
        Err(err) if err.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Writes a line to stderr, and escapes control characters ([`harmless`]). A failure is ignored, because there is nowhere
/// to report it.
pub fn stderr(line: &str) {
    let _ = write(&mut io::stderr().lock(), format!("{}\n", harmless(line)).as_bytes());
}

/// Writes a line to stderr, and keeps the colours that a compiler has set, if stderr is a terminal with colours.
pub fn stderr_painted(line: &str) {
    let line = match AutoStream::choice(&io::stderr()) {
        ColorChoice::Never => Cow::Owned(plain(line)),
        _ => Cow::Borrowed(line),
    };
    let _ = write(&mut io::stderr().lock(), format!("{}\n", escaped(&line, true)).as_bytes());
}

/// The text without colours.
pub fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Writes `error: …` to stderr, with the causes of the error, and returns the exit code 1.
pub fn failed(err: &anyhow::Error) -> ExitCode {
    stderr(&format!("error: {err:#}"));
    ExitCode::FAILURE
}

/// Whether stdout is a terminal that shows colours, and `NO_COLOR` is not set.
pub fn coloured() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// Parses the command line. For `--help`, `--version` and usage errors, prints the text and returns the exit code as the
/// error.
///
/// # Errors
///
/// The exit code: 0 after `--help` and `--version`, 2 after a usage error, 1 if writing the text failed.
pub fn parse<C: clap::Parser>() -> Result<C, ExitCode> {
    C::try_parse().map_err(|err| match err.print() {
        Err(full) if full.kind() != ErrorKind::BrokenPipe => {
            failed(&anyhow::Error::from(full).context("writing the help text failed"))
        }
        _ => u8::try_from(err.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
    })
}

/// Escapes every character that controls a terminal, changes the direction of a line, or is invisible. It is written as
/// in JSON: `\u001b`. Line breaks and tabs stay. JSON keeps its meaning, because only its strings can contain such
/// characters.
pub fn harmless(text: &str) -> Cow<'_, str> {
    escaped(text, false)
}

fn escaped(text: &str, colours: bool) -> Cow<'_, str> {
    if !text.contains(controls) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = match colours {
            true => colour(rest),
            false => 0,
        };
        if length > 0 {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        match controls(next) {
            true => {
                for unit in next.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            false => out.push(next),
        }
        rest = &rest[next.len_utf8()..];
    }
    Cow::Owned(out)
}

/// Whether a character controls the terminal, changes the direction of text
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>), or is invisible: without a width, or a tag
/// (U+E0000).
fn controls(it: char) -> bool {
    let shown_otherwise = matches!(
        it,
        '\u{61c}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    );
    shown_otherwise || (it.is_control() && it != '\n' && it != '\t')
}

/// The length of the colour sequence at the beginning of a text, or 0. Allowed are bold, dim, colours (also as rustc
/// writes them: `38;5;9`) and the reset. Black and white are not allowed, because they hide text on a background of the
/// same colour.
fn colour(text: &str) -> usize {
    let Some(codes) = text.strip_prefix("\x1b[") else { return 0 };
    let Some((codes, _)) = codes.split_once('m') else { return 0 };
    let known = |it: &str| matches!(it.parse::<u8>(), Ok(0..=2 | 4 | 31..=36 | 39 | 91..=96));
    let indexed = |it: &str| matches!(it.parse::<u8>(), Ok(1..=6 | 9..=14));
    let is_colour = match codes.strip_prefix("38;5;") {
        Some(index) => indexed(index),
        None => codes.split(';').all(known),
    };
    match is_colour {
        true => "\x1b[".len() + codes.len() + 1,
        false => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        fn check(text: &str, expected: &str) {
            assert_eq!(harmless(text), expected, "{text:?}");
        }
        check("plain, ä, 漢, 👍 and\ttab\nline", "plain, ä, 漢, 👍 and\ttab\nline");
        check("\x1b]0;title\x07", "\\u001b]0;title\\u0007");
        check("\x1b[31mred", "\\u001b[31mred");
        check("over\rwritten\x08", "over\\u000dwritten\\u0008");
        // The one character that begins a sequence in eight bits.
        check("\u{9b}31m", "\\u009b31m");
        check("\u{202e}txt.exe\u{2066}", "\\u202etxt.exe\\u2066");
        check("\u{2028}line\u{7f}", "\\u2028line\\u007f");
        check("\u{e0041}", "\\udb40\\udc41");
        check("a\u{200b}b\u{feff}\u{2060}", "a\\u200bb\\ufeff\\u2060");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({ "a": "\u{9b}\u{202e}\x1b[2J\u{e0041}\n" });
        let text = format!("{value:#}");
        let shown = harmless(&text);
        assert!(!shown.contains(controls), "{shown:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    #[test]
    fn our_own_colours_stay_and_nothing_hides() {
        fn check(text: &str, expected: &str) {
            assert_eq!(escaped(text, true), expected, "{text:?}");
        }
        check("\x1b[1m\x1b[91mdanger\x1b[0m\n", "\x1b[1m\x1b[91mdanger\x1b[0m\n");
        check("\x1b[1;31mdanger", "\x1b[1;31mdanger");
        check("\x1b[38;5;9merror\x1b[0m", "\x1b[38;5;9merror\x1b[0m");
        check("\x1b[38;5;16mblack", "\\u001b[38;5;16mblack");
        check("\x1b[48;5;0;30mhidden", "\\u001b[48;5;0;30mhidden");
        check("\x1b[8mhidden", "\\u001b[8mhidden");
        for code in ["30", "37", "90", "97", "38;5;0", "38;5;7", "38;5;8", "38;5;15"] {
            check(&format!("\x1b[{code}mhidden"), &format!("\\u001b[{code}mhidden"));
        }
        check("\x1b[2Jcleared", "\\u001b[2Jcleared");
        check("\x1b[m", "\\u001b[m");
        check("\x1b[", "\\u001b[");
    }

    #[test]
    fn a_reader_that_has_gone_is_not_an_error() {
        struct Fails(ErrorKind);
        impl Write for Fails {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert!(write(&mut Fails(ErrorKind::BrokenPipe), b"x").is_ok());
        assert!(write(&mut Fails(ErrorKind::StorageFull), b"x").is_err());
    }
}
