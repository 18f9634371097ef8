//! The time that a failed message stays hidden before its next delivery.

use std::time::Duration;

use crate::chance::words;

/// The shortest time between two deliveries of a failed message, unless SQS delivers a duplicate.
pub const SHORTEST: Duration = Duration::from_secs(20);
const LONGEST: Duration = Duration::from_secs(600);

/// Returns the maximum of [`seconds`] after a number of deliveries.
pub fn longest(receive_count: u32) -> u32 {
    let whole = whole(receive_count);
    whole + whole / 2
}

/// Returns how many seconds a message stays hidden after a number of deliveries. The delay doubles each time, and up to
/// half of it is added, so that messages that failed together do not return together.
pub fn seconds(message: &str, receive_count: u32) -> u32 {
    let whole = whole(receive_count);
    let [chance, ..] = words("delay", message, receive_count);
    // The remainder of a division by a u32 fits into a u32.
    whole + u32::try_from(chance % u64::from(whole / 2 + 1)).unwrap_or_default()
}

fn whole(receive_count: u32) -> u32 {
    let doublings = receive_count.saturating_sub(1).min(16);
    let whole = SHORTEST.saturating_mul(1 << doublings).min(LONGEST).as_secs();
    // At most ten minutes.
    u32::try_from(whole).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_second_of_the_range_is_drawn() {
        for (receive_count, range) in [(1, 20..=30), (2, 40..=60)] {
            let drawn: BTreeSet<u32> =
                (0..2_000).map(|it| seconds(&format!("message {it}"), receive_count)).collect();
            assert!(drawn.into_iter().eq(range.clone()), "{range:?}");
        }
    }

    /// The alarm `queue_age` fires if a message is older than 300 s. SQS leaves messages with more than three receives
    /// out of this metric, so the message of an order that fails by design must have its fourth delivery by then.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html>
    #[test]
    fn three_delays_end_before_a_message_counts_as_old() {
        assert_eq!((1..=3).map(longest).sum::<u32>(), 210);
    }

    #[test]
    fn delays_grow_and_differ() {
        fn check(receive_count: u32, range: std::ops::RangeInclusive<u32>) {
            let all: Vec<u32> =
                (0..200).map(|it| seconds(&format!("message {it}"), receive_count)).collect();
            assert!(all.iter().all(|it| range.contains(it)), "{all:?}");
            assert_eq!(longest(receive_count), *range.end());
            assert!(all.iter().any(|it| it != &all[0]), "all the same");
            assert_eq!(seconds("m", receive_count), seconds("m", receive_count));
        }
        check(0, 20..=30);
        check(1, 20..=30);
        check(2, 40..=60);
        check(5, 320..=480);
        check(6, 600..=900);
        check(u32::MAX, 600..=900);
    }
}
