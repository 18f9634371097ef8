//! The number of events from which on a share of failures is statistically significant.

/// The mean time in years between alarms that fire by chance.
const YEARS: f64 = 10.0;
/// CloudWatch evaluates an alarm once a minute, over the latest period up to then.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>
const LOOKS_A_YEAR: f64 = 365.25 * 24.0 * 60.0;

/// Returns the number of events from which on more than the share `above` of them fails by chance in at most one of
/// `YEARS` years of evaluations, if each fails with the probability `failing`. Both are from 0 to 1. The bound
/// holds for every larger number, too, and for the sum over all evaluations, although they overlap.
///
/// By Chernoff's bound, at least `above * n` of `n` events fail with a probability of at most
/// `exp(-n * divergence)`, where `divergence` is that of Kullback and Leibler between the two shares.
///
/// If all fail by design, no number is enough, because no failure is unexpected.
pub(super) fn enough(failing: f64, above: f64) -> u32 {
    // 0 * ln(0 / x) is 0 in the limit.
    let part = |of: f64, to: f64| if of > 0.0 { of * (of / to).ln() } else { 0.0 };
    let divergence = part(above, failing) + part(1.0 - above, 1.0 - failing);
    if divergence <= 0.0 {
        return u32::MAX;
    }
    // A conversion keeps within the bounds of a u32.
    ((YEARS * LOOKS_A_YEAR).ln() / divergence).ceil().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rarer_and_larger_shares_need_fewer_events() {
        fn check(failing: f64, above: f64, events: u32) {
            assert_eq!(enough(failing, above), events, "{failing} {above}");
        }
        check(0.3, 0.4, 686);
        check(0.3, 0.51, 162);
        check(0.3, 0.65, 60);
        check(0.01, 0.31, 19);
        check(0.0, 0.3, 1);
        check(1.0, 1.0, u32::MAX);
    }
}
