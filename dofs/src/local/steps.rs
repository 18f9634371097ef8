//! What is going on now, and how long it took last time.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use fs_err as fs;
use indicatif::{ProgressBar, ProgressStyle};

use crate::tell::warn;

/// Steps, one after the other, shown on stderr.
#[derive(Debug)]
pub(crate) struct Steps {
    bar: ProgressBar,
    file: PathBuf,
    /// Milliseconds that each step took.
    last: BTreeMap<String, u64>,
    now: RefCell<BTreeMap<String, u64>>,
    all: usize,
}

impl Steps {
    /// So many steps. How long they take is kept in `folder`.
    pub(crate) fn begin(folder: &Path, all: usize) -> Self {
        let file = folder.join("steps.json");
        // No file, or one that cannot be read: there is no last time.
        let last = fs::read_to_string(&file).ok();
        let last = last.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default();
        let bar = ProgressBar::new_spinner();
        bar.set_style(style());
        bar.enable_steady_tick(Duration::from_millis(100));
        Steps { bar, file, last, now: RefCell::default(), all }
    }

    /// Does a step, and tells how long it took.
    pub(crate) async fn step<T>(
        &self,
        name: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let number = self.now.borrow().len() + 1;
        let last = self.last.get(name).map(|it| format!(" (last time {})", seconds(*it)));
        let title = format!("{number}/{} {name}{}", self.all, last.unwrap_or_default());
        self.bar.set_prefix(title.clone());
        self.bar.set_message("");
        if self.bar.is_hidden() {
            self.line(&title);
        }
        let began = Instant::now();
        let outcome = work.await;
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if outcome.is_ok() {
            self.now.borrow_mut().insert(name.to_owned(), took);
            if !self.bar.is_hidden() {
                self.bar.println(format!("  {number}/{} {name:<16} {}", self.all, seconds(took)));
            }
        }
        outcome
    }

    /// What the step is at.
    pub(crate) fn says(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// All are done.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
        if let Ok(text) = serde_json::to_string(&*self.now.borrow()) {
            // Only the next run's times are lost with it.
            let _ = fs::write(&self.file, text);
        }
    }

    fn line(&self, text: &str) {
        warn(&format!("  {text}"));
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    // The template is constant; were it wrong, the plain style would do.
    ProgressStyle::with_template("{spinner} {prefix} [{elapsed}] {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn seconds(millis: u64) -> String {
    format!("{:.1} s", millis as f64 / 1_000.0)
}
