//! The story of a run: its events as text.

use std::fmt;

/// The events of a run as lines, if they are requested.
#[derive(Debug, Default)]
pub struct Story(Option<Vec<String>>);

impl Story {
    pub(crate) fn new(told: bool) -> Self {
        Story(told.then(Vec::new))
    }

    /// Adds a line. It is only created if lines are requested.
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
