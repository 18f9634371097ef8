//! How far a run has come.

use std::fmt;

use serde::Serialize;

/// What a run has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Terraform is ready, with its state in a file.
    Began,
    /// A run that was killed had left Terraform's lock.
    Unlocked,
    /// Something was there that the state did not know of; the next apply takes it over.
    Adopted,
    /// All of it is applied.
    Applied,
    /// The state is in the bucket.
    Moved,
    /// The file is gone.
    Cleared,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Began => "the state begins in a file",
            Step::Unlocked => "the lock of a run that was killed is freed",
            Step::Adopted => "what is there already is taken over",
            Step::Applied => "all of it is applied",
            Step::Moved => "the state is in the bucket",
            Step::Cleared => "the file is gone",
        })
    }
}
