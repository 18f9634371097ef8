//! A command of a build.

use std::{borrow::Cow, fmt};

use serde::Serialize;

/// One command, or a script of several lines. It is never empty, and only a script has several lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Command(Cow<'static, str>);

/// The error for a text that is not a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The text is empty.
    #[error("a command is empty")]
    Empty,
    /// The text has a line break.
    #[error("a command has several lines: declare it as a script")]
    SeveralLines,
}

impl Command {
    /// A command for a `const` block, where a wrong one does not compile:
    ///
    /// ```
    /// # use infra_core::render::buildspec::Command;
    /// let fetch = const { Command::line("cargo fetch --locked") };
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use infra_core::render::buildspec::Command;
    /// let nothing = const { Command::line(" ") };
    /// ```
    ///
    /// # Panics
    ///
    /// If the text is empty or has several lines.
    pub const fn line(text: &'static str) -> Self {
        match checked(text, false) {
            Ok(()) => Command(Cow::Borrowed(text)),
            Err(CommandError::Empty) => panic!("a command is empty"),
            Err(CommandError::SeveralLines) => {
                panic!("a command has several lines: declare it as a script")
            }
        }
    }

    /// A script of one or more lines, for a `const` block.
    ///
    /// # Panics
    ///
    /// If the text is empty.
    pub const fn script(text: &'static str) -> Self {
        match checked(text, true) {
            Ok(()) => Command(Cow::Borrowed(text)),
            Err(_) => panic!("a script is empty"),
        }
    }

    /// A command that is built at run time.
    ///
    /// # Errors
    ///
    /// If the text is empty or has several lines.
    pub fn try_line(text: String) -> Result<Self, CommandError> {
        checked(&text, false)?;
        Ok(Command(Cow::Owned(text)))
    }

    /// A script that is built at run time.
    ///
    /// # Errors
    ///
    /// If the text is empty.
    pub fn try_script(text: String) -> Result<Self, CommandError> {
        checked(&text, true)?;
        Ok(Command(Cow::Owned(text)))
    }

    /// The text of the command.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn checked(text: &str, several_lines: bool) -> Result<(), CommandError> {
    let bytes = text.as_bytes();
    let (mut at, mut empty) = (0, true);
    while at < bytes.len() {
        match bytes[at] {
            b'\n' | b'\r' if !several_lines => return Err(CommandError::SeveralLines),
            b' ' | b'\t' | b'\n' | b'\r' => (),
            _ => empty = false,
        }
        at += 1;
    }
    match empty {
        true => Err(CommandError::Empty),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, CommandError};

    #[test]
    fn only_commands_become_commands() {
        fn check(text: &str, line: Result<(), CommandError>, script: Result<(), CommandError>) {
            assert_eq!(Command::try_line(text.to_owned()).map(drop), line, "{text:?}");
            assert_eq!(Command::try_script(text.to_owned()).map(drop), script, "{text:?}");
        }
        check("cargo test", Ok(()), Ok(()));
        check("", Err(CommandError::Empty), Err(CommandError::Empty));
        check(" \t", Err(CommandError::Empty), Err(CommandError::Empty));
        check("a\nb", Err(CommandError::SeveralLines), Ok(()));
        check("a\rb", Err(CommandError::SeveralLines), Ok(()));
        check("\n", Err(CommandError::SeveralLines), Err(CommandError::Empty));
    }

    #[test]
    fn literals_are_checked_by_the_compiler() {
        let line = const { Command::line("cargo test") };
        let script = const { Command::script("set -e\ncargo test\n") };
        assert_eq!((line.as_str(), script.as_str()), ("cargo test", "set -e\ncargo test\n"));
    }
}
