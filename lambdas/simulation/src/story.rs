//! The story of a run: its events as text.

use std::fmt;

/// Lines of what happened, if anybody wants to know.
#[derive(Debug, Default)]
pub struct Story(Option<Vec<String>>);

impl Story {
    pub(crate) fn new(told: bool) -> Self {
        Story(told.then(Vec::new))
    }

    /// Adds a line, which is only made if it is wanted.
    pub(crate) fn say(&mut self, millis: u64, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.0 {
            lines.push(format!("{:>10.3} s  {}", millis as f64 / 1_000.0, line()));
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().flatten().try_for_each(|line| writeln!(f, "{line}"))
    }
}
