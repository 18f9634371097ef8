//! The output of a function: its logs and metrics, and anything that should not be there.

use std::{fmt, fs, io, process::Stdio};

use serde_json::Value;
use tempfile::NamedTempFile;

/// The output of a function so far. It contains stdout and stderr, because Lambda writes both into one log.
///
/// The function prints into a file, so that the output can be read as soon as the result of an event arrives.
#[derive(Debug)]
pub struct Output(NamedTempFile);

impl Output {
    pub(crate) fn new() -> io::Result<Self> {
        NamedTempFile::new().map(Output)
    }

    /// Returns a file for the output of a process.
    pub(crate) fn sink(&self) -> io::Result<Stdio> {
        // In append mode, because stdout and stderr write to the same file.
        fs::OpenOptions::new().append(true).open(self.0.path()).map(Stdio::from)
    }

    /// Returns the complete text.
    pub fn text(&self) -> String {
        let bytes = fs::read(self.0.path());
        bytes.map_or_else(|err| format!("({err})"), |it| String::from_utf8_lossy(&it).into_owned())
    }

    /// Returns every line, parsed as JSON.
    ///
    /// # Panics
    ///
    /// If a line is not JSON, because CloudWatch Logs could not search for its fields.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let text = self.text();
        let read = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|err| {
                panic!("a line of the log is not JSON ({err}): {line}\n{self}")
            })
        };
        text.lines().map(read).collect()
    }

    /// Returns the lines whose `message` is exactly this text.
    #[track_caller]
    pub fn said(&self, message: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|it| it["message"] == message).collect()
    }

    /// Returns the lines with this metric in CloudWatch's embedded metric format.
    ///
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
    #[track_caller]
    pub fn counted(&self, metric: &str) -> Vec<Value> {
        let is_counted = |line: &Value| {
            let all = line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten();
            let mut metrics = all.filter_map(|it| it["Metrics"].as_array()).flatten();
            metrics.any(|it| it["Name"] == metric)
        };
        self.lines().into_iter().filter(is_counted).collect()
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the function printed:\n{}", self.text())
    }
}
