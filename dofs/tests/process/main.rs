//! The program as a process, without a system: closed pipes, full disks, answers of other servers, wrong arguments.

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

/// Returns the program, without a local system, and without the API key of the user who runs the tests.
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

/// Runs it, and returns its exit code, stdout and stderr.
fn ran(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}
