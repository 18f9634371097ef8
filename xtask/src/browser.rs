//! Chromium, for the test of the page: installed where this machine is one that throws away what is
//! installed.

use std::process::{Command, Stdio};

/// The names that Chromium goes by.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Installs Chromium where there is none, apt is there, and we are root, as in a container of a build.
/// Anywhere else the machine is somebody's, and the test says what to install.
pub(crate) fn prepare() {
    if NAMES.iter().any(|it| answers(it, "--version")) || !is_root() || !answers("apt-get", "-v") {
        return;
    }
    say!("\n== browser: apt-get install chromium");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        command.status().is_ok_and(|it| it.success())
    };
    // Where one of them fails, apt has said why, and the test says what is missing.
    let _ = apt(&["update", "-qq"])
        && apt(&["install", "-y", "-qq", "--no-install-recommends", "chromium"]);
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
