//! Counts the orders with a status, with a bounded load on the table.

use std::time::{Duration, Instant};

use super::snapshot::Count;

/// The largest number of query pages in a count. A page reads at most one megabyte: about two thousand orders.
pub(super) const PAGES: usize = 20;

/// How long a count stays valid, per counted order. So a page reads about as much per second of a large table as of a small one.
const EACH: Duration = Duration::from_millis(1);

/// A cached count.
#[derive(Debug, Default)]
pub(super) struct Tally {
    last: Option<(Count, Instant)>,
}

impl Tally {
    /// Returns the count, if it is still valid at `now`. There are at least `seen` orders.
    pub(super) fn known(&self, seen: usize, now: Instant) -> Option<Count> {
        let (count, counted) = self.last?;
        let lasts = EACH * u32::try_from(count.number).unwrap_or(u32::MAX);
        (count.number >= seen && now.duration_since(counted) < lasts).then_some(count)
    }

    /// Stores a count of the time `now`.
    pub(super) fn counted(&mut self, count: Count, now: Instant) -> Count {
        self.last = Some((count, now));
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_counted_less_often() {
        fn check(counted: usize, seen: usize, millis_later: u64, again: bool) {
            let (mut tally, now) = (Tally::default(), Instant::now());
            let count = Count { number: counted, or_more: false };
            assert_eq!(tally.known(0, now), None, "nothing was counted yet");
            tally.counted(count, now);
            let known = tally.known(seen, now + Duration::from_millis(millis_later));
            assert_eq!(known, (!again).then_some(count), "{counted} after {millis_later} ms");
        }
        check(60, 50, 59, false);
        check(60, 50, 60, true);
        check(20_000, 50, 500, false);
        check(20_000, 50, 20_000, true);
        // The page shows more orders than were counted.
        check(40, 50, 1, true);
    }
}
