//! The rule of rounds stands on times that different files choose. This holds them together.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::time::Duration;

use fulfill_order::{delay::SHORTEST, round::GRACE};
use simulation::facts::Facts;

/// What two clocks may differ by.
const CLOCKS: Duration = Duration::from_secs(5);

#[test]
fn a_dead_letter_is_later_than_any_message_too_many() {
    let facts = Facts::of_dev().unwrap();
    let storage = Duration::from_millis(facts.functions["order_storage"].timeout);
    assert!(storage + CLOCKS <= GRACE, "order_storage may send up to {storage:?} after a failure");
    assert!(GRACE + CLOCKS <= SHORTEST, "a dead letter may be put back {SHORTEST:?} after one");
    // Where hiding a message fails, the queue's own time to come back applies.
    let batch = facts.functions["fulfill_order"].timeout;
    let left = Duration::from_millis(facts.visibility - batch);
    assert!(SHORTEST <= left, "a message comes back by itself after {left:?} at the soonest");
}
