//! The progress of the start: the current steps, and how long each took last time.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fs_err as fs;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::tell::warn;

/// Steps, some of them in parallel, on stderr. A running step has a spinner, and a finished one a line with its duration.
#[derive(Debug)]
pub(crate) struct Steps {
    bars: MultiProgress,
    file: PathBuf,
    began: Instant,
    /// The duration of each step in the last run, in milliseconds.
    last: BTreeMap<String, u64>,
    now: RefCell<BTreeMap<String, u64>>,
    at_work: RefCell<BTreeMap<String, ProgressBar>>,
}

impl Steps {
    /// Returns an empty list of steps. It keeps their durations in `folder`.
    pub(crate) fn begin(folder: &Path) -> Self {
        let file = folder.join("steps.json");
        // Without a readable file, there are no durations of the last run.
        let last = fs::read_to_string(&file).ok();
        let last = last.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
        let (bars, began) = (MultiProgress::new(), Instant::now());
        Steps { bars, file, began, last, now: RefCell::default(), at_work: RefCell::default() }
    }

    /// Runs a step, and prints its duration.
    pub(crate) async fn step<T>(
        &self,
        name: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let last = self.last.get(name).map(|it| format!(" (last time {})", seconds(*it)));
        let title = format!("{name}{}", last.unwrap_or_default());
        let bar = self.bars.add(ProgressBar::new_spinner().with_style(style()));
        bar.set_prefix(title.clone());
        bar.enable_steady_tick(Duration::from_millis(100));
        if bar.is_hidden() {
            warn(&format!("  {title}"));
        }
        let _shown = Shown { steps: self, name };
        self.at_work.borrow_mut().insert(name.to_owned(), bar);
        let began = Instant::now();
        let outcome = work.await;
        if outcome.is_ok() {
            let took = millis(began);
            self.now.borrow_mut().insert(name.to_owned(), took);
            self.says_once(&format!("  {name:<24} {}", seconds(took)));
        }
        outcome
    }

    /// Shows the progress of a step.
    pub(crate) fn says(&self, name: &str, what: &str) {
        if let Some(bar) = self.at_work.borrow().get(name) {
            bar.set_message(what.to_owned());
        }
    }

    /// Prints a line that stays above the progress line.
    pub(crate) fn says_once(&self, text: &str) {
        match self.at_work.borrow().values().next() {
            Some(bar) if !bar.is_hidden() => bar.println(text),
            _ => warn(text),
        }
    }

    /// Ends the steps. Returns their total duration.
    pub(crate) fn end(&self) -> String {
        if let Ok(text) = serde_json::to_string(&*self.now.borrow()) {
            // If this fails, only the durations for the next run are lost.
            let _ = fs::write(&self.file, text);
        }
        seconds(millis(self.began))
    }
}

/// The line of a running step. Dropping it removes the line.
struct Shown<'a> {
    steps: &'a Steps,
    name: &'a str,
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if let Some(bar) = self.steps.at_work.borrow_mut().remove(self.name) {
            bar.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    // The template is a constant. If it were wrong, the default style would be used.
    ProgressStyle::with_template("{spinner} {prefix} [{elapsed}] {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

fn seconds(millis: u64) -> String {
    format!("{:.1} s", millis as f64 / 1_000.0)
}
