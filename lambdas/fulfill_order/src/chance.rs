//! Pseudo-random decisions about an order: pure functions of the order's id and the round.
//!
//! There is no real randomness, so a repeated decision always has the same result: a redelivery does not raise the
//! share of fulfilled orders, and an order has one tracking number.

use std::time::Duration;

use contracts::{domain::OrderId, order::FulfillmentDetails};
use function_contract::setting::Percent;
use runtime::moment::Moment;
use sha2::{Digest as _, Sha256};

const CARRIERS: [&str; 3] = ["EXPRESS_SHIPPING", "OVERNIGHT_SHIPPING", "STANDARD_SHIPPING"];
const DAY: Duration = Duration::from_secs(86_400);

/// Whether this round fulfils the order. This is true for the share `rate` of all orders and rounds.
pub fn draw(order: &OrderId, round: u32, rate: Percent) -> bool {
    let [first, ..] = words("draw", order, round);
    // The share of all 64-bit numbers below this one is `rate`, up to 2^-64.
    u128::from(first) * 100 < u128::from(rate.get()) << 64
}

/// Returns the details with which this round fulfils the order at the time `now`.
pub fn details(order: &OrderId, round: u32, now: Moment) -> FulfillmentDetails {
    let [number, carrier, days, _] = words("details", order, round);
    FulfillmentDetails {
        tracking_number: format!("TRK{number:016X}"),
        carrier: CARRIERS[usize::from(carrier.to_be_bytes()[0]) % CARRIERS.len()].to_owned(),
        estimated_delivery: (now + DAY * (1 + u32::from(days.to_be_bytes()[0]) % 7)).timestamp(),
    }
}

/// Returns four evenly distributed 64-bit numbers for an order, a round and a purpose.
pub(crate) fn words(purpose: &str, subject: impl std::fmt::Display, round: u32) -> [u64; 4] {
    let digest = Sha256::digest(format!("{purpose}/{subject}/{round}"));
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(digest.chunks_exact(8)) {
        *word = bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: u64) -> OrderId {
        OrderId::try_from(format!("0192f0c1-2d3e-7a4b-8c5d-{number:012x}")).unwrap()
    }

    #[test]
    fn the_share_is_the_rate() {
        fn check(rate: u8, share: std::ops::RangeInclusive<usize>) {
            let rate = Percent::new(rate);
            let fulfilled = (0..10_000).filter(|it| draw(&order(*it), 0, rate)).count();
            assert!(share.contains(&fulfilled), "{fulfilled} of 10000 at {rate} %");
            let again = (0..10_000).filter(|it| draw(&order(*it), 0, rate)).count();
            assert_eq!(fulfilled, again);
        }
        check(0, 0..=0);
        check(1, 70..=130);
        check(70, 6850..=7150);
        check(100, 10_000..=10_000);
    }

    #[test]
    fn rounds_have_independent_draws() {
        let rate = Percent::new(50);
        let both =
            (0..10_000).filter(|it| draw(&order(*it), 0, rate) && draw(&order(*it), 1, rate));
        let both = both.count();
        assert!((2_350..=2_650).contains(&both), "{both} of 10000 in both of two rounds");
    }

    #[test]
    fn details_belong_to_the_order() {
        let now = Moment::from_millis(1_753_016_788_324);
        let one = details(&order(1), 0, now);
        assert_eq!(one, details(&order(1), 0, now));
        assert_ne!(one.tracking_number, details(&order(2), 0, now).tracking_number);
        assert_ne!(one.tracking_number, details(&order(1), 1, now).tracking_number);
        for number in 0..100 {
            let found = details(&order(number), 0, now);
            let at = Moment::parse(&found.estimated_delivery).unwrap();
            let days = at.since(now).as_secs() / 86_400;
            assert!((1..=7).contains(&days), "{days}");
            assert!(CARRIERS.contains(&&*found.carrier));
        }
    }
}
