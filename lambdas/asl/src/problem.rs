//! What a machine is refused for.

use std::fmt;

/// One thing that the interpreter cannot take, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The state, or the empty text for the machine itself.
    pub state: String,
    /// What is wrong, with the field's name.
    pub text: String,
}

/// Everything a machine is refused for, at once. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// All of them, in the document's order.
    pub fn all(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state.as_str() {
            "" => write!(f, "the machine: {}", self.text),
            state => write!(f, "state `{state}`: {}", self.text),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if at == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Collects problems while a machine is read.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The state that is being read.
    pub(crate) state: String,
    problems: Vec<Problem>,
}

impl Report {
    pub(crate) fn add(&mut self, text: impl Into<String>) {
        self.problems.push(Problem { state: self.state.clone(), text: text.into() });
    }

    /// The value, if nothing was wrong with anything.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Problems(self.problems)),
        }
    }
}
