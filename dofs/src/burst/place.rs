//! Places one order, and retries temporary errors. The idempotency key makes that safe: the API accepts the order once.

use std::time::Duration;

use contracts::domain::OrderId;
use tokio::time::{Instant, sleep};

use crate::{
    api::{Api, Refused},
    interrupt::Interrupt,
};

/// One order that was placed.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Its number, counted from zero.
    pub number: usize,
    /// How much later than scheduled its first call began. This delay is the command's own, not the API's.
    pub late: Duration,
    /// The duration of the last call.
    pub call: Duration,
    /// The time from its schedule to the last answer, including all calls and pauses.
    pub answered_after: Duration,
    /// How many calls were throttled.
    pub throttled: usize,
    /// The kind of each error.
    pub errors: Vec<String>,
    /// The order's id, or why the API did not accept it.
    pub outcome: Result<OrderId, Refused>,
}

impl Placed {
    /// Returns the number of calls: each ended in an error, except the one that succeeded.
    pub fn calls(&self) -> usize {
        self.errors.len() + usize::from(self.outcome.is_ok())
    }
}

/// The first and the longest pause.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// The longest `Retry-After` that is respected.
const ASKED: Duration = Duration::from_secs(30);

/// Places an order that is due at a moment, and retries until `patience` is over.
pub(super) async fn place(
    api: &Api,
    number: usize,
    order: Vec<u8>,
    key: String,
    due: Instant,
    patience: Duration,
    interrupt: &Interrupt,
) -> Placed {
    let late = due.elapsed();
    let (mut errors, mut throttled) = (Vec::new(), 0);
    loop {
        let answered = api.place_written(order.clone(), Some(key.clone())).await;
        let call = answered.took;
        let placed = |errors, throttled, outcome| {
            let answered_after = due.elapsed();
            Placed { number, late, call, answered_after, throttled, errors, outcome }
        };
        let refused = match answered.outcome {
            Ok(answer) => return placed(errors, throttled, Ok(answer.order_id)),
            Err(refused) => refused,
        };
        errors.push(refused.kind());
        throttled += usize::from(refused.throttles());
        let pause = pause(errors.len(), answered.retry_after, fastrand::f64());
        let again = refused.may_pass() && due.elapsed() + pause < patience;
        // Record the time before the pause, which is not part of the answer's time.
        let last = placed(errors.clone(), throttled, Err(refused));
        if !again || interrupt.unless(sleep(pause)).await.is_none() {
            return last;
        }
    }
}

/// Returns how long to wait after this many errors: the API's `Retry-After`, otherwise a time that doubles with each error. A
/// random share of up to one half is added, so that orders that failed together are not retried together.
fn pause(errors: usize, asked: Option<Duration>, chance: f64) -> Duration {
    let doublings = u32::try_from(errors.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    let own = PAUSES.0.saturating_mul(1 << doublings).min(PAUSES.1);
    let whole = asked.map_or(own, |it| it.min(ASKED));
    whole.mul_f64(1.0 + chance / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_unless_the_api_says_how_long() {
        fn check(errors: usize, asked: Option<u64>, chance: f64, expected: u64) {
            let found = pause(errors, asked.map(Duration::from_secs), chance);
            assert_eq!(found, Duration::from_millis(expected), "{errors} {asked:?}");
        }
        check(1, None, 0.0, 200);
        check(2, None, 0.0, 400);
        check(2, None, 0.5, 500);
        check(5, None, 0.0, 3_200);
        check(usize::MAX, None, 0.0, 5_000);
        check(1, Some(2), 0.0, 2_000);
        check(4, Some(2), 0.5, 2_500);
        check(1, Some(9_999), 0.0, 30_000);
    }
}
