//! A violation: one broken rule.

use std::fmt;

use serde::Serialize;

/// A broken rule: the address, the rule, the problem and the fix.
///
/// Violations are sorted by their fields in this order: by address first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Violation {
    /// The Terraform address (`module.sqs.aws_sqs_queue.orders`), if useful with a path inside of the block
    /// (`….environment[0].variables`).
    pub address: String,
    /// The rule's stable name, such as `provider/unknown-argument`.
    pub rule: &'static str,
    /// The problem, in one sentence.
    pub problem: String,
    /// How to fix it, in one sentence.
    pub fix: String,
    /// The line of Rust that added the block, if it is known.
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
