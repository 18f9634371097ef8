//! The program as a process, without a system: pipes that are closed, disks that are full, answers of strangers,
//! arguments that are wrong.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod answers;
mod arguments;
mod credentials;
mod doctor;
mod load;
mod local;
mod orders;
mod outage;
mod output;
mod proxies;
mod redrive;
mod resume;
mod rights;
mod stranger;
mod terraform;

use std::process::{Command, Output, Stdio};

/// The program, without a local system, and without a key of whoever runs the tests.
fn dofs(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dofs"));
    let nowhere = concat!(env!("CARGO_TARGET_TMPDIR"), "/no-local-system");
    command.args(args).env("DOFS_LOCAL_DIR", nowhere).env_remove("DOFS_API_KEY");
    for (name, value) in [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")] {
        command.env(name, value);
    }
    command.stdin(Stdio::null());
    command
}

/// What it came to: its exit code, stdout and stderr.
fn ran(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}
