//! The rate at which orders are placed.

use std::{fmt, str::FromStr, time::Duration};

use serde::Serialize;

const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Orders per second: more than 0, at most 10,000.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Rate(f64);

impl Rate {
    /// Returns a rate of this many orders per second.
    ///
    /// # Errors
    ///
    /// If the number is out of range.
    pub fn new(in_a_second: f64) -> Result<Self, &'static str> {
        match in_a_second > 0.0 && in_a_second <= 10_000.0 {
            true => Ok(Rate(in_a_second)),
            false => Err("the rate must be more than 0 and at most 10000 per second"),
        }
    }

    /// Returns when the order with this number is due, counted from zero. The result is at most a century, which `Instant` can
    /// represent.
    pub fn due(self, number: usize) -> Duration {
        let due = Duration::try_from_secs_f64(number as f64 / self.0);
        due.map_or(CENTURY, |it| it.min(CENTURY))
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number: f64 = text.parse().map_err(|_| "the rate must be a number".to_owned())?;
        Ok(Rate::new(number)?)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_a_schedule() {
        fn check(text: &str, third: Option<u64>) {
            let rate: Result<Rate, _> = text.parse();
            let due = rate.ok().map(|it| it.due(3)).map(|it| it.as_millis());
            assert_eq!(due, third.map(u128::from), "{text}");
        }
        check("50", Some(60));
        check("0.5", Some(6_000));
        check("1e-19", Some(CENTURY.as_millis() as u64));
        check("1e-300", Some(CENTURY.as_millis() as u64));
        check("10000", Some(0));
        check("10001", None);
        check("0", None);
        check("-1", None);
        check("NaN", None);
        check("fast", None);
    }
}
