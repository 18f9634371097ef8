//! Problems of a document.

use std::fmt;

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the state, or an empty text for the machine itself.
    pub state: String,
    /// The problem, with the name of the field.
    pub text: String,
}

/// All problems of a document. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Returns all problems, in the order of the document.
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

/// Collects problems while a document is parsed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The state that is being parsed.
    pub(crate) state: String,
    problems: Vec<Problem>,
}

impl Report {
    pub(crate) fn add(&mut self, text: impl Into<String>) {
        self.problems.push(Problem { state: self.state.clone(), text: text.into() });
    }

    /// Returns the value, if there were no problems.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Problems(self.problems)),
        }
    }
}
