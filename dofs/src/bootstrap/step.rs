//! The steps of a run.

use std::fmt;

use serde::Serialize;

/// A step that a run has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Initialized Terraform, with its state in a file.
    Began,
    /// Released the lock that a killed run had left.
    Unlocked,
    /// Found resources that are not in the state; the next apply imports them.
    Adopted,
    /// Applied the plan.
    Applied,
    /// Moved the state to the bucket.
    Moved,
    /// Deleted the state file.
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
