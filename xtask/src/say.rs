//! Output to stdout. A task whose output cannot be written continues, so that it ends the processes that it started,
//! and then fails.

use std::sync::atomic::{AtomicBool, Ordering};

static FAILED: AtomicBool = AtomicBool::new(false);

/// Writes a text to stdout. Reports the first failure on stderr.
///
/// A test prints through the test harness instead. Otherwise the suite could take a printed line for one of the
/// harness, and count it.
#[expect(clippy::print_stdout, reason = "the harness keeps only what is printed so")]
pub(crate) fn text(text: &str) {
    if cfg!(test) {
        print!("{text}");
        return;
    }
    if let Err(err) = terminal::stdout(text)
        && !FAILED.swap(true, Ordering::Relaxed)
    {
        terminal::failed(&err);
    }
}

/// Whether all output was written.
pub(crate) fn all() -> bool {
    !FAILED.load(Ordering::Relaxed)
}

/// Prints a line like `println!`, but does not panic.
macro_rules! say {
    ($($part:tt)*) => { $crate::say::text(&format!("{}\n", format_args!($($part)*))) };
}
