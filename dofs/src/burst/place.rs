//! Placing one order, again and again where the answer may have been another a moment later. The key
//! makes that safe: the order is taken once.

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
    /// Which, counted from zero.
    pub number: usize,
    /// How much later than planned its first call began. It is our own delay, not the API's.
    pub late: Duration,
    /// What the last call took.
    pub call: Duration,
    /// From the moment it was due to the last answer, with every call before that and the pauses between them.
    pub answered_after: Duration,
    /// How many calls were throttled.
    pub throttled: usize,
    /// The kind of each error that was answered.
    pub errors: Vec<String>,
    /// The order, or why there is none.
    pub outcome: Result<OrderId, Refused>,
}

impl Placed {
    /// How many calls were made for it: each but the one that took it was answered by an error.
    pub fn calls(&self) -> usize {
        self.errors.len() + usize::from(self.outcome.is_ok())
    }
}

/// The first pause, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// The longest pause that the API can ask for.
const ASKED: Duration = Duration::from_secs(30);

/// Places an order that is due at a moment, for so long after it.
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
        // What the last pause adds is no part of the answer's time.
        let last = placed(errors.clone(), throttled, Err(refused));
        if !again || interrupt.unless(sleep(pause)).await.is_none() {
            return last;
        }
    }
}

/// How long to wait after so many errors: as long as the API asks for, else twice as long each time;
/// up to half of that again, so that those who failed together do not come back together.
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
