//! Limits the rate of calls of Step Functions. Its quotas count for the whole account, so other callers need a share of them.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

/// A token bucket.
#[derive(Debug)]
pub(super) struct Pace {
    quota: Quota,
    /// When the token bucket will be full again.
    full: Cell<Instant>,
}

/// The size of a token bucket, and the tokens that it gets per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    pub(super) at_once: u32,
    pub(super) per_second: u32,
}

// Half of the quotas of most regions; they are larger in us-east-1, us-west-2 and eu-west-1.
// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general>

/// The rate for ListExecutions.
pub(super) const LISTS: Quota = Quota { at_once: 50, per_second: 1 };
/// The rate for DescribeExecution, and for GetExecutionHistory, whose quota is twice as large.
pub(super) const LOOKS: Quota = Quota { at_once: 125, per_second: 5 };
/// The rate for RedriveExecution.
pub(super) const REDRIVES: Quota = Quota { at_once: 400, per_second: 75 };

impl Pace {
    pub(super) fn new(quota: Quota) -> Self {
        Pace { quota, full: Cell::new(Instant::now()) }
    }

    /// Waits until the next call may be made.
    pub(super) async fn turn(&self) {
        tokio::time::sleep(self.take(Instant::now())).await;
    }

    /// Takes a token, and returns how long to wait for it.
    fn take(&self, now: Instant) -> Duration {
        let one = Duration::from_secs(1) / self.quota.per_second;
        self.full.set(self.full.get().max(now) + one);
        (self.full.get() - now).saturating_sub(one * self.quota.at_once)
    }
}

impl Quota {
    /// Returns how long this number of calls takes.
    pub(super) fn time(self, calls: usize) -> Duration {
        let waiting = calls.saturating_sub(self.at_once as usize);
        Duration::from_secs(waiting as u64 / u64::from(self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_beyond_the_bucket_wait() {
        let pace = Pace::new(Quota { at_once: 2, per_second: 4 });
        let start = Instant::now();
        let check = |after: u64, waits: u64| {
            let now = start + Duration::from_millis(after);
            let waited = pace.take(now).as_millis();
            // `Pace::new` ran a moment before `start`, when the bucket was full.
            assert!(waited.abs_diff(waits.into()) <= 1, "{waited} is not {waits}");
        };
        check(0, 0);
        check(0, 0);
        check(0, 250);
        check(0, 500);
        check(1_000, 0);
        check(9_000, 0);
        check(9_000, 0);
        check(9_000, 250);
    }

    #[test]
    fn times_match_the_operating_guide() {
        fn check(quota: Quota, calls: usize, seconds: u64) {
            assert_eq!(quota.time(calls), Duration::from_secs(seconds));
        }
        check(REDRIVES, 400, 0);
        check(REDRIVES, 10_000, 128);
        check(REDRIVES, 100_000, 1_328);
        check(LISTS, 100, 50);
        check(LOOKS, 1_000, 175);
    }
}
