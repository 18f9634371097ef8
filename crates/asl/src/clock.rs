//! The time, which the caller provides.

use std::{fmt, time::Duration};

/// A point in time that the caller provides: milliseconds since 1970 in UTC.
///
/// Its text is the result of `$now()`: RFC 3339 with milliseconds and `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Now {
    /// Milliseconds since 1970.
    pub millis: u64,
}

impl Now {
    /// Returns the time `millis` milliseconds after 1970.
    pub fn from_millis(millis: u64) -> Self {
        Now { millis }
    }
}

impl std::ops::Add<Duration> for Now {
    type Output = Now;

    /// Saturates at the latest time that can be represented.
    fn add(self, duration: Duration) -> Now {
        let more = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Now { millis: self.millis.saturating_add(more) }
    }
}

const DAY: u64 = 24 * 60 * 60 * 1000;

impl fmt::Display for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.millis / DAY);
        let millis = self.millis % DAY;
        let (seconds, millis) = (millis / 1000, millis % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

/// Returns year, month and day from the number of days since 1970. The algorithm counts in eras of 400 years that begin
/// on 1 March, so that the leap day is the last day of a year.
///
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_aws_does() {
        check(0, "1970-01-01T00:00:00.000Z");
        check(1_700_000_000_123, "2023-11-14T22:13:20.123Z");
        check(1_709_164_800_000, "2024-02-29T00:00:00.000Z");
        check(1_709_251_199_999, "2024-02-29T23:59:59.999Z");
        check(951_868_800_000, "2000-03-01T00:00:00.000Z");
        check(4_107_542_400_000, "2100-03-01T00:00:00.000Z");
        check(253_402_300_799_999, "9999-12-31T23:59:59.999Z");
    }

    fn check(millis: u64, expected: &str) {
        assert_eq!(Now::from_millis(millis).to_string(), expected);
    }

    /// Compares with a calendar that counts day by day.
    #[test]
    fn every_day_of_five_centuries_has_its_date() {
        let is_leap = |year: u64| {
            let of = |years: u64| year.is_multiple_of(years);
            of(4) && (!of(100) || of(400))
        };
        let mut expected = (1970, 1, 1);
        for days in 0..182_622 {
            assert_eq!(date(days), expected, "{days}");
            let (year, month, day) = expected;
            let last = match month {
                2 => 28 + u64::from(is_leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = match (day == last, month) {
                (false, _) => (year, month, day + 1),
                (true, 12) => (year + 1, 1, 1),
                (true, _) => (year, month + 1, 1),
            };
        }
        assert_eq!(expected, (2470, 1, 1));
    }

    #[test]
    fn time_saturates_instead_of_overflowing() {
        assert_eq!(Now::from_millis(1) + Duration::MAX, Now::from_millis(u64::MAX));
        assert!(!Now::from_millis(u64::MAX).to_string().is_empty());
    }
}
