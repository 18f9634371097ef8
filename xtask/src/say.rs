//! What a chore writes to stdout. A chore that cannot write goes on, so that what it started ends as it should, and
//! fails in the end.

use std::sync::atomic::{AtomicBool, Ordering};

use infra_gen::terminal;

static FAILED: AtomicBool = AtomicBool::new(false);

/// Writes a text to stdout. The first failure is written to stderr.
///
/// A test leaves it to the harness: past the harness, a line that looks like the harness's own would be counted.
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

/// Whether everything was written.
pub(crate) fn all() -> bool {
    !FAILED.load(Ordering::Relaxed)
}

/// `println!` that does not panic.
macro_rules! say {
    ($($part:tt)*) => { $crate::say::text(&format!("{}\n", format_args!($($part)*))) };
}
