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
            Step::Began => "initialized Terraform, with its state in a file on this machine",
            Step::Unlocked => "released the state lock of a run that was killed",
            Step::Adopted => "prepared the import of resources that AWS has and the state does not",
            Step::Applied => "applied the plan",
            Step::Moved => "moved the state to the bucket",
            Step::Cleared => "deleted the state file on this machine",
        })
    }
}
