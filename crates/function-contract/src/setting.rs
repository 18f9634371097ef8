//! Settings: plain values in environment variables, chosen for each environment.

use std::{fmt, ops::Deref, str::FromStr};

use crate::env::EnvValue;

/// A plain value from the configuration of the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting<T>(pub T);

impl<T> Deref for Setting<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: FromStr<Err: fmt::Display>> EnvValue for Setting<T> {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Setting)
            .map_err(|err: T::Err| format!("`{text}` is not a valid value: {err}"))
    }
}

/// The log level of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// Events that an operator wants to see.
    Info,
    /// Events that may need action.
    Warn,
}

impl LogLevel {
    /// Returns the level's name, as `tracing` and the environment variable use it.
    pub const fn as_str(self) -> &'static str {
        match self {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LogLevel {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [LogLevel::Debug, LogLevel::Info, LogLevel::Warn]
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or("it must be debug, info or warn")
    }
}

/// A share in whole percent, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u8);

impl Percent {
    /// Returns a share. In a `const`, a share over 100 does not compile.
    ///
    /// # Panics
    ///
    /// If `percent` is over 100.
    #[track_caller]
    pub const fn new(percent: u8) -> Self {
        assert!(percent <= 100, "a percentage is 0 to 100");
        Percent(percent)
    }

    /// The share in percent.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Percent {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(percent) if percent <= 100 => Ok(Percent(percent)),
            _ => Err("it must be a whole number from 0 to 100"),
        }
    }
}

/// A time span in whole minutes, 1 to 10080 (a week).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minutes(u16);

impl Minutes {
    /// Returns a time span. In a `const`, a span out of range does not compile.
    ///
    /// # Panics
    ///
    /// If `minutes` is out of range.
    #[track_caller]
    pub const fn new(minutes: u16) -> Self {
        assert!(minutes >= 1 && minutes <= 10_080, "a span of minutes is 1 to 10080");
        Minutes(minutes)
    }

    /// The span in minutes.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The span in seconds.
    pub const fn seconds(self) -> u32 {
        self.0 as u32 * 60
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Minutes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(minutes) if (1..=10_080).contains(&minutes) => Ok(Minutes(minutes)),
            _ => Err("it must be a whole number of minutes from 1 to 10080"),
        }
    }
}

/// The namespace of the metrics that a function writes. In a topology, only a namespace gives it out, so no other text takes
/// its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricNamespace(String);

impl Deref for MetricNamespace {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MetricNamespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MetricNamespace {
    type Err = &'static str;

    /// Namespaces that begin with `AWS/` belong to AWS.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.starts_with("AWS/") {
            return Err("it must be a namespace of metrics that does not begin with AWS/");
        }
        Ok(MetricNamespace(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_of_aws_is_not_ours() {
        fn check(text: &str, is_ours: bool) {
            assert_eq!(text.parse::<MetricNamespace>().is_ok(), is_ours, "{text}");
        }
        check("dofs-dev/orders", true);
        check("AWS/Lambda", false);
        check("", false);
    }
}
