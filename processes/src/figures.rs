//! What a process has taken, as far as only Linux says it: for measurements.

use std::{io, time::Duration};

/// Time of processors that a process has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// By itself.
    pub own: Duration,
    /// By those of its children that have ended, and theirs.
    pub ended_children: Duration,
}

/// The time of processors that the process with this number has taken.
///
/// # Errors
///
/// Where there is no such process, and on every system but Linux.
#[cfg(target_os = "linux")]
pub fn taken(id: u32) -> io::Result<Taken> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    read(&stat).ok_or_else(|| unknown(format!("/proc/{id}/stat: {stat}")))
}

/// The most bytes of memory that the process with this number has held so far.
///
/// # Errors
///
/// Where there is no such process, and on every system but Linux.
#[cfg(target_os = "linux")]
pub fn peak(id: u32) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let kilobytes = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kilobytes = kilobytes.and_then(|it| it.trim().strip_suffix(" kB")?.trim().parse().ok());
    let kilobytes: Option<u64> = kilobytes;
    Ok(1024 * kilobytes.ok_or_else(|| unknown(format!("/proc/{id}/status has no VmHWM")))?)
}

/// The time of processors that the process with this number has taken.
///
/// # Errors
///
/// Where there is no such process, and on every system but Linux.
#[cfg(not(target_os = "linux"))]
pub fn taken(_: u32) -> io::Result<Taken> {
    Err(only_linux("the time of processors that ended children have taken"))
}

/// The most bytes of memory that the process with this number has held so far.
///
/// # Errors
///
/// Where there is no such process, and on every system but Linux.
#[cfg(not(target_os = "linux"))]
pub fn peak(_: u32) -> io::Result<u64> {
    Err(only_linux("the most memory that another process has held"))
}

#[cfg(not(target_os = "linux"))]
fn only_linux(what: &str) -> io::Error {
    let text = format!("{what} is known on Linux alone\n  fix: measure on Linux");
    io::Error::new(io::ErrorKind::Unsupported, text)
}

#[cfg(target_os = "linux")]
fn unknown(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Reads the file `stat` of a process, whose times are in hundredths of a second: `USER_HZ` is 100 on every
/// processor that Lambda has. A program's name may have spaces and parentheses in it.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
#[cfg(target_os = "linux")]
fn read(stat: &str) -> Option<Taken> {
    let (_, fields) = stat.rsplit_once(')')?;
    // The first of these is the third, as the manual counts.
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let time = |ticks: u64| Duration::from_millis(10 * ticks);
    Some(Taken {
        own: time(field(14)? + field(15)?),
        ended_children: time(field(16)? + field(17)?),
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        fn check(stat: &str, expected: Option<(u64, u64)>) {
            let expected = expected.map(|(own, ended)| Taken {
                own: Duration::from_millis(own),
                ended_children: Duration::from_millis(ended),
            });
            assert_eq!(read(stat), expected, "{stat}");
        }
        let fields = "S 7 10 10 0 -1 4194560 900 0 3 0 120 30 5 2 20 0 1 0 9000";
        check(&format!("42 (bootstrap) {fields}"), Some((1_500, 70)));
        check(&format!("42 (a ) b (c)) {fields}"), Some((1_500, 70)));
        check("42 (bootstrap) S 7", None);
        check("", None);
    }

    #[test]
    fn this_process_has_taken_something() {
        assert!(peak(std::process::id()).unwrap() > 100_000);
        assert!(taken(std::process::id()).is_ok() && taken(u32::MAX).is_err());
    }
}
