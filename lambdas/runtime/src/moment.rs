//! Points in time: milliseconds since the Unix epoch, and their text in records.

use function_contract::time::Timestamp;
use std::{ops::Add, time::Duration};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A point in time, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

/// The last millisecond of the year 9999, the latest time that RFC 3339 can represent.
const LAST: u64 = 253_402_300_799_999;

impl Moment {
    /// Returns the time `millis` milliseconds after the Unix epoch, but at most the end of the year 9999.
    pub fn from_millis(millis: u64) -> Self {
        Moment(millis.min(LAST))
    }

    /// Returns the milliseconds since the Unix epoch.
    pub fn millis(self) -> u64 {
        self.0
    }

    /// Returns the time that is earlier by `span`, but at least the epoch.
    pub fn before(self, span: Duration) -> Self {
        Moment(self.0.saturating_sub(millis(span)))
    }

    /// Returns the time between `earlier` and this, or zero if `earlier` is later.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Returns the text for records.
    ///
    /// # Panics
    ///
    /// Never: the time is between the epoch and the end of the year 9999, which RFC 3339 can represent.
    pub fn timestamp(self) -> Timestamp {
        let nanos = i128::from(self.0) * 1_000_000;
        let date = OffsetDateTime::from_unix_timestamp_nanos(nanos).expect("it is before 9999");
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let (hour, minute, second, millis) = date.to_hms_milli();
        Timestamp::try_from(format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
        ))
        .expect("this is the form of a timestamp")
    }

    /// Parses the text from a record. Returns `None` if the text has the right format, but there is no such day.
    pub fn parse(timestamp: &Timestamp) -> Option<Self> {
        let date = OffsetDateTime::parse(timestamp.as_str(), &Rfc3339).ok()?;
        u64::try_from(date.unix_timestamp_nanos() / 1_000_000).ok().map(Moment::from_millis)
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;

    fn add(self, span: Duration) -> Moment {
        Moment::from_millis(self.0.saturating_add(millis(span)))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moments_are_written() {
        fn check(millis: u64, text: &str) {
            assert_eq!(Moment::from_millis(millis).timestamp().as_str(), text);
        }
        check(0, "1970-01-01T00:00:00.000Z");
        check(1_753_016_788_324, "2025-07-20T13:06:28.324Z");
        check(951_782_400_000, "2000-02-29T00:00:00.000Z");
        check(u64::MAX, "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn times_are_added_and_subtracted() {
        let (earlier, later) = (Moment::from_millis(1_500), Moment::from_millis(4_000));
        let span = Duration::from_millis(2_500);
        assert_eq!(earlier + span, later);
        assert_eq!(later.before(span), earlier);
        assert_eq!(later.since(earlier), span);
        // There is nothing before the epoch, and nothing after the year 9999.
        assert_eq!(earlier.since(later), Duration::ZERO);
        assert_eq!(earlier.before(span).millis(), 0);
        assert_eq!((later + Duration::MAX).millis(), LAST);
    }

    #[test]
    fn there_is_no_thirtieth_of_february() {
        let text = Timestamp::try_from("2025-02-30T00:00:00.000Z".to_owned()).unwrap();
        assert_eq!(Moment::parse(&text), None);
    }

    proptest! {
        #[test]
        fn moments_survive_their_text(millis in 0..=LAST) {
            let moment = Moment::from_millis(millis);
            prop_assert_eq!(Moment::parse(&moment.timestamp()), Some(moment));
        }
    }
}
