//! Runs a command and writes what it cost: `cost FILE PROGRAM ARGUMENTS…`.
//!
//! It is a program of its own since it must be small. The kernel counts the memory of whoever starts a program
//! as that program's peak, if it is more; and `xtask` is larger than some of what it measures.

use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::{Command, ExitCode},
    time::Instant,
};

use wait4::Wait4 as _;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), Some(program)) = (arguments.next(), arguments.next()) else {
        return failed("usage: cost FILE PROGRAM ARGUMENTS…");
    };
    match run(&file, &program, arguments) {
        Ok(code) => code,
        Err(err) => failed(&format!("{}: {err}", program.display())),
    }
}

fn failed(problem: &str) -> ExitCode {
    // If stderr cannot be written to, only the exit code shows the failure.
    let _ = writeln!(io::stderr(), "{problem}");
    ExitCode::FAILURE
}

fn run(
    file: &OsString,
    program: &OsString,
    arguments: impl Iterator<Item = OsString>,
) -> io::Result<ExitCode> {
    let begin = Instant::now();
    let used = Command::new(program).args(arguments).spawn()?.wait4()?;
    let wall = begin.elapsed().as_secs_f64();
    let cpu = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    std::fs::write(file, format!("{wall} {cpu} {}", used.rusage.maxrss))?;
    // A process that a signal ends has no exit code, and it has failed, too.
    let code = used.status.code().map_or(1, |it| u8::try_from(it).unwrap_or(1));
    Ok(ExitCode::from(code))
}
