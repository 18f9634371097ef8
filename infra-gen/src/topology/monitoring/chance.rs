//! How many orders it takes until a share of failed ones is no chance.

/// `orders_failed` may fire by chance once in so many years.
const YEARS: f64 = 10.0;
/// CloudWatch looks at an alarm once a minute, at the latest period up to then.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>
const LOOKS_A_YEAR: f64 = 365.25 * 24.0 * 60.0;

/// The number of orders from which on more than the share `above` of them fails by chance in one of
/// `YEARS` years of looks at most, where each order fails with the probability `failing`, both from 0 to
/// 1. It holds for every larger number, too, and for the sum over all looks, though they overlap.
///
/// By Chernoff's bound, at least `above * n` of `n` orders fail with a probability of at most
/// `exp(-n * divergence)`, where `divergence` is that of Kullback and Leibler between the two shares.
///
/// Where all orders are meant to fail, none is one too many: no number is enough then.
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
    fn rarer_and_larger_shares_need_fewer_orders() {
        fn check(failing: f64, above: f64, orders: u32) {
            assert_eq!(enough(failing, above), orders, "{failing} {above}");
        }
        check(0.3, 0.4, 686);
        check(0.3, 0.51, 162);
        check(0.3, 0.65, 60);
        check(0.01, 0.31, 19);
        check(0.0, 0.3, 1);
        check(1.0, 1.0, u32::MAX);
    }
}
