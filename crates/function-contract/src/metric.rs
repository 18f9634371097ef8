//! Metrics that functions write.

/// A metric by its name.
pub trait MetricName: Copy {
    /// The name in CloudWatch.
    fn name(self) -> &'static str;

    /// Whether it counts events that should not happen. If not, an alarm at the first event would always fire.
    fn is_fault(self) -> bool;
}

/// One of the two ways in which the same work ends, each counted by a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome<N> {
    /// Counts the work that ended in this way.
    pub part: N,
    /// Counts the work that ended in the other way, and nothing of `part`.
    pub rest: N,
}
