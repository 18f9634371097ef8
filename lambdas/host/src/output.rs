//! What a function prints: its logs and metrics, and whatever should not be there.

use std::{fmt, fs, io, process::Stdio};

use serde_json::Value;
use tempfile::NamedTempFile;

/// What a function has printed so far, to stdout and stderr: Lambda puts both into one log.
///
/// It goes to a file, so what was printed before an answer can be read as soon as the answer is there.
#[derive(Debug)]
pub struct Output(NamedTempFile);

impl Output {
    pub(crate) fn new() -> io::Result<Self> {
        NamedTempFile::new().map(Output)
    }

    /// Where a process can print to.
    pub(crate) fn sink(&self) -> io::Result<Stdio> {
        // To the end, whoever else writes.
        fs::OpenOptions::new().append(true).open(self.0.path()).map(Stdio::from)
    }

    /// The text.
    pub fn text(&self) -> String {
        let bytes = fs::read(self.0.path());
        bytes.map_or_else(|err| format!("({err})"), |it| String::from_utf8_lossy(&it).into_owned())
    }

    /// Every line. All of them are JSON.
    ///
    /// # Panics
    ///
    /// Where one is not: nobody could search for it.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let text = self.text();
        let read = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|err| {
                panic!("a line of the log is no JSON ({err}): {line}\n{self}")
            })
        };
        text.lines().map(read).collect()
    }

    /// The lines that say exactly this.
    #[track_caller]
    pub fn said(&self, message: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|it| it["message"] == message).collect()
    }

    /// The lines that count something, in CloudWatch's embedded metric format.
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
