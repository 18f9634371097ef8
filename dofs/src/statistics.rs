//! Statistics of a load test. They have no side effects.

use serde::Serialize;

/// The distribution of a duration, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// The number of measurements.
    pub count: usize,
    /// The median.
    pub p50_ms: f64,
    /// The 90th percentile.
    pub p90_ms: f64,
    /// The 99th percentile.
    pub p99_ms: f64,
    /// The maximum.
    pub max_ms: f64,
}

impl Latency {
    /// Returns the distribution of these values, or `None` if there are none.
    pub fn of(millis: &[f64]) -> Option<Self> {
        let mut sorted = millis.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Latency {
            count: sorted.len(),
            p50_ms: quantile(&sorted, 50)?,
            p90_ms: quantile(&sorted, 90)?,
            p99_ms: quantile(&sorted, 99)?,
            max_ms: *sorted.last()?,
        })
    }
}

/// Returns a percentile with the nearest-rank method: one of the values.
fn quantile(sorted: &[f64], percent: usize) -> Option<f64> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// An observed share, with its confidence interval of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// How many have the property.
    pub with: usize,
    /// How many there are.
    pub of: usize,
    /// The share: 0 to 1.
    pub share: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end.
    pub high: f64,
}

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

impl Share {
    /// Computes Wilson's score interval, which is also accurate for shares near 0 or 1. Returns `None` if there are none.
    ///
    /// <https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval>
    pub fn of(with: usize, of: usize) -> Option<Self> {
        if of == 0 || with > of {
            return None;
        }
        let (n, share) = (of as f64, with as f64 / of as f64);
        let scale = 1.0 + Z * Z / n;
        let centre = (share + Z * Z / (2.0 * n)) / scale;
        let half = Z / scale * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        // Rounding errors may push an end of the interval past the share.
        let low = (centre - half).clamp(0.0, share);
        let high = (centre + half).clamp(share, 1.0);
        Some(Share { with, of, share, low, high })
    }

    /// Whether this share is in the interval.
    pub fn allows(&self, share: f64) -> bool {
        (self.low..=self.high).contains(&share)
    }
}

/// The number of values in a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// The lower limit.
    pub from: f64,
    /// The upper limit. It belongs to the next bin, except in the last bin.
    pub to: f64,
    /// The number of values.
    pub count: usize,
}

/// The start of the logarithmic scale. No measured duration is shorter.
const LEAST: f64 = 0.1;

/// Returns a histogram with logarithmic bins, which fit the distribution of latencies. Equal values share one bin; no values
/// give no bin.
pub fn histogram(values: &[f64], bins: usize) -> Vec<Bin> {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.is_empty() || bins == 0 || !least.is_finite() || !most.is_finite() {
        return Vec::new();
    }
    if most <= least.max(LEAST) {
        return vec![Bin { from: least, to: most, count: values.len() }];
    }
    let begin = least.max(LEAST);
    let factor = (most / begin).powf(1.0 / bins as f64);
    let edge = |at: usize| match at {
        0 => least,
        at if at == bins => most,
        at => begin * factor.powi(i32::try_from(at).unwrap_or(i32::MAX)),
    };
    let mut found: Vec<_> =
        (0..bins).map(|at| Bin { from: edge(at), to: edge(at + 1), count: 0 }).collect();
    for value in values {
        let at = found.partition_point(|bin| bin.to <= *value).min(bins - 1);
        found[at].count += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn quantiles_are_values() {
        fn check(values: std::ops::RangeInclusive<u32>, expected: [f64; 4]) {
            let values: Vec<f64> = values.rev().map(f64::from).collect();
            let it = Latency::of(&values).unwrap();
            assert_eq!([it.p50_ms, it.p90_ms, it.p99_ms, it.max_ms], expected);
        }
        check(1..=1, [1.0, 1.0, 1.0, 1.0]);
        check(1..=2, [1.0, 2.0, 2.0, 2.0]);
        check(1..=10, [5.0, 9.0, 10.0, 10.0]);
        check(1..=100, [50.0, 90.0, 99.0, 100.0]);
        check(1..=1_000, [500.0, 900.0, 990.0, 1_000.0]);
        assert_eq!(Latency::of(&[]), None);
    }

    #[test]
    fn intervals_are_wilsons() {
        fn check(with: usize, of: usize, low: f64, high: f64) {
            let found = Share::of(with, of).unwrap();
            let near = |a: f64, b: f64| (a - b).abs() < 0.000_05;
            assert!(near(found.low, low) && near(found.high, high), "{found:?}");
        }
        // Newcombe, Statistics in Medicine 17 (1998), table I: the score method.
        check(81, 263, 0.2553, 0.3662);
        check(15, 148, 0.0624, 0.1605);
        check(0, 20, 0.0, 0.1611);
        check(1, 29, 0.0061, 0.1718);
        assert_eq!(Share::of(0, 0), None);
        assert_eq!(Share::of(2, 1), None);
    }

    #[test]
    fn bins_grow_by_a_factor() {
        fn check(values: &[f64], bins: usize, expected: &[(f64, f64, usize)]) {
            let found = histogram(values, bins);
            let found: Vec<_> =
                found.iter().map(|it| (it.from.round(), it.to.round(), it.count)).collect();
            assert_eq!(found, expected, "{values:?}");
        }
        check(&[], 3, &[]);
        check(&[1.0], 0, &[]);
        check(&[7.0, 7.0], 3, &[(7.0, 7.0, 2)]);
        check(&[0.0], 3, &[(0.0, 0.0, 1)]);
        check(
            &[1.0, 9.0, 11.0, 1_000.0],
            3,
            &[(1.0, 10.0, 2), (10.0, 100.0, 1), (100.0, 1_000.0, 1)],
        );
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_share(of in 1_usize..5_000, part in 0.0..=1.0_f64) {
            let with = (of as f64 * part) as usize;
            let found = Share::of(with, of).unwrap();
            prop_assert!(0.0 <= found.low && found.low <= found.share);
            prop_assert!(found.share <= found.high && found.high <= 1.0);
            prop_assert!(found.allows(found.share));
            // The interval of the complement is the complement of the interval.
            let other = Share::of(of - with, of).unwrap();
            prop_assert!((found.low - (1.0 - other.high)).abs() < 1e-9);
            // More data makes the interval narrower.
            let more = Share::of(with * 4, of * 4).unwrap();
            prop_assert!(more.high - more.low < found.high - found.low);
        }

        #[test]
        fn quantiles_are_in_order(values in vec(0.0..1e6_f64, 1..300)) {
            let found = Latency::of(&values).unwrap();
            let all = [found.p50_ms, found.p90_ms, found.p99_ms, found.max_ms];
            prop_assert!(all.is_sorted());
            prop_assert!(all.iter().all(|it| values.contains(it)));
            let below = |limit: f64| values.iter().filter(|it| **it <= limit).count();
            prop_assert!(below(found.p90_ms) * 10 >= values.len() * 9);
        }

        #[test]
        fn every_value_has_its_bin(values in vec(0.0..1e6_f64, 1..300), bins in 1_usize..30) {
            let found = histogram(&values, bins);
            prop_assert_eq!(found.iter().map(|it| it.count).sum::<usize>(), values.len());
            prop_assert!(found.windows(2).all(|it| it[0].to == it[1].from && it[0].from <= it[0].to));
            for (at, bin) in found.iter().enumerate() {
                let last = at + 1 == found.len();
                let within = |it: &f64| bin.from <= *it && (*it < bin.to || last && *it <= bin.to);
                prop_assert_eq!(bin.count, values.iter().filter(|it| within(it)).count());
            }
        }
    }
}
