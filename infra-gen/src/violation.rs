//! One broken rule, told to a person.

use std::fmt;

use serde::Serialize;

/// What is wrong, where, by which rule, and what to do about it.
///
/// The order of the fields is the order in which violations are listed: by address first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// The Terraform address (`module.sqs.aws_sqs_queue.orders`), with the path inside it where
    /// that helps (`… .environment[0].variables`).
    pub address: String,
    /// The rule's stable name, such as `provider/unknown-argument`.
    pub rule: &'static str,
    /// What is wrong, in one sentence.
    pub problem: String,
    /// What to do, in one sentence.
    pub fix: String,
    /// The line of Rust that added the block, where it is known.
    pub source: Option<String>,
}

impl Violation {
    /// A violation whose source line is not known yet.
    pub fn new(
        rule: &'static str,
        address: impl Into<String>,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Violation {
            address: address.into(),
            rule,
            problem: problem.into(),
            fix: fix.into(),
            source: None,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} [{}]", self.address, self.rule)?;
        writeln!(f, "  {}", self.problem)?;
        if let Some(source) = &self.source {
            writeln!(f, "  at:  {source}")?;
        }
        write!(f, "  fix: {}", self.fix)
    }
}
