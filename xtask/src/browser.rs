//! Installs Chromium for the test of the page, but only on a disposable machine, such as a container of a build.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::suite::job;

/// The names of Chromium's program.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The time limit of each of apt's two steps.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Installs Chromium if it is missing, apt exists, and the user is root, as in a container of a build. On any other
/// machine the test says what to install. Ends apt as soon as `is_over` is set.
pub(crate) fn prepare(is_over: &AtomicBool) {
    if NAMES.iter().any(|it| answers(it, "--version")) || !is_root() || !answers("apt-get", "-v") {
        return;
    }
    say!("\n== browser: apt-get install chromium");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        succeeds(command, LIMIT, is_over)
    };
    // If a step fails, apt prints the reason, and the test says what is missing.
    let _ = apt(&["update", "-qq"])
        && apt(&["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
}

/// Whether a command succeeds within a time limit, and before `is_over` is set. Otherwise it is ended with its
/// descendants.
fn succeeds(mut command: Command, limit: Duration, is_over: &AtomicBool) -> bool {
    job::apart(&mut command);
    let Ok(mut child) = command.spawn() else { return false };
    let began = Instant::now();
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return status.success();
        }
        if is_over.load(Ordering::Relaxed) || began.elapsed() > limit {
            say!("== browser: ended {command:?} after {} s", began.elapsed().as_secs());
            if let Err(err) = job::end(&mut child) {
                say!("== browser: {err:#}");
            }
            return false;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn answers(program: &str, question: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(question).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|it| it.success())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|it| it.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_ended_after_its_time_limit() {
        #[track_caller]
        fn check(script: &str, limit: Duration, is_over: bool, expected: bool) {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            let began = Instant::now();
            assert_eq!(succeeds(command, limit, &AtomicBool::new(is_over)), expected, "{script}");
            assert!(began.elapsed() < Duration::from_secs(30), "{script}");
        }
        const LONG: Duration = Duration::from_secs(60);
        check("true", LONG, false, true);
        check("false", LONG, false, false);
        check("sleep 61 & sleep 62", Duration::ZERO, false, false);
        check("sleep 61 & sleep 62", LONG, true, false);
    }
}
