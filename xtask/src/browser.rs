//! Chromium, for the test of the page: installed where this machine is one that throws away what is
//! installed.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::suite::job;

/// The names that Chromium goes by.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// So long may apt take for each of its two steps.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Installs Chromium where there is none, apt is there, and we are root, as in a container of a build.
/// Anywhere else the machine is somebody's, and the test says what to install. It ends what it runs once `is_over`.
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
    // Where one of them fails, apt has said why, and the test says what is missing.
    let _ = apt(&["update", "-qq"])
        && apt(&["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
}

/// Whether a command succeeds within a time, and before `is_over`. It is ended otherwise, with all that it has started.
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
    fn what_takes_too_long_is_ended() {
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
