//! A progress bar of orders, on stderr. It is hidden if stderr is not a terminal.

use indicatif::{ProgressBar, ProgressStyle};

use crate::burst::Progress;

/// A progress bar. Dropping it removes the bar.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    /// Whether the command waits for the decisions.
    ends: bool,
}

impl Bar {
    /// Shows a bar for this number of orders.
    pub(crate) fn begin(orders: usize, ends: bool) -> Self {
        let bar = ProgressBar::new(orders as u64);
        bar.set_style(style(TEMPLATE));
        Bar { bar, ends }
    }

    /// Updates the bar.
    pub(crate) fn at(&self, progress: Progress) {
        let Progress { answered, taken, ended } = progress;
        self.bar.set_position(if self.ends { ended + (answered - taken) } else { answered } as u64);
        self.bar.set_message(message(progress));
    }
}

/// The template of the bars. With its counts, a bar fits into 80 columns.
pub(crate) const TEMPLATE: &str = "{bar:20} {pos}/{len} [{elapsed}] {wide_msg}";

fn message(Progress { answered, taken, ended }: Progress) -> String {
    format!("{answered} answered, {taken} taken, {ended} ended")
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Returns the style of a bar. If the template were wrong, the default style would be used.
pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fits_into_80_columns() {
        let most = Progress { answered: 9_999, taken: 9_999, ended: 9_999 };
        let shown = TEMPLATE
            .replace("{bar:20}", &"#".repeat(20))
            .replace("{pos}/{len}", "9999/9999")
            .replace("{elapsed}", "10m")
            .replace("{wide_msg}", &message(most));
        assert!(shown.len() <= 80, "{}: {shown}", shown.len());
    }
}
