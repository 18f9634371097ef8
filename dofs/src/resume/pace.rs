//! How fast Step Functions is called: its quotas are of the account, and whoever else calls it needs some of them.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

/// A token bucket.
#[derive(Debug)]
pub(super) struct Pace {
    quota: Quota,
    /// When the bucket is full again.
    full: Cell<Instant>,
}

/// How many calls may come at once, and how many in each second from then on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    pub(super) at_once: u32,
    pub(super) per_second: u32,
}

// Half of the quotas outside of us-east-1, us-west-2 and eu-west-1, where they are larger.
// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general>

/// ListExecutions.
pub(super) const LISTS: Quota = Quota { at_once: 50, per_second: 1 };
/// DescribeExecution, and GetExecutionHistory, which may be called twice as often.
pub(super) const LOOKS: Quota = Quota { at_once: 125, per_second: 5 };
/// RedriveExecution.
pub(super) const REDRIVES: Quota = Quota { at_once: 400, per_second: 75 };

impl Pace {
    pub(super) fn new(quota: Quota) -> Self {
        Pace { quota, full: Cell::new(Instant::now()) }
    }

    /// Waits until the next call may be made.
    pub(super) async fn turn(&self) {
        tokio::time::sleep(self.take(Instant::now())).await;
    }

    /// Takes a token, and says how long to wait for it.
    fn take(&self, now: Instant) -> Duration {
        let one = Duration::from_secs(1) / self.quota.per_second;
        self.full.set(self.full.get().max(now) + one);
        (self.full.get() - now).saturating_sub(one * self.quota.at_once)
    }
}

impl Quota {
    /// How long so many calls take.
    pub(super) fn time(self, calls: usize) -> Duration {
        let waiting = calls.saturating_sub(self.at_once as usize);
        Duration::from_secs(waiting as u64 / u64::from(self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_at_once_does_not_wait_and_the_rest_does() {
        let pace = Pace::new(Quota { at_once: 2, per_second: 4 });
        let start = Instant::now();
        let check = |after: u64, waits: u64| {
            let now = start + Duration::from_millis(after);
            let waited = pace.take(now).as_millis();
            // The bucket was full a moment before the start.
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
    fn a_hundred_thousand_take_as_long_as_the_guide_says() {
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
