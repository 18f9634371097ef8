//! Metrics that functions write, or that a service of AWS has.

/// A metric by its name.
pub trait MetricName: Copy {
    /// The name in CloudWatch.
    fn name(self) -> &'static str;
}
