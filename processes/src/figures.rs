//! The resource usage of a process, for measurements. Only Linux reports it.

use std::{io, time::Duration};

/// The CPU time of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Its own CPU time.
    pub own: Duration,
    /// The CPU time of its ended descendants.
    pub ended_children: Duration,
}

/// Returns the CPU time of the process with this id.
///
/// # Errors
///
/// If there is no such process, and on every system but Linux.
#[cfg(target_os = "linux")]
pub fn taken(id: u32) -> io::Result<Taken> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    read(&stat).ok_or_else(|| unknown(format!("/proc/{id}/stat: {stat}")))
}

/// Returns the peak memory of the process with this id, in bytes.
///
/// # Errors
///
/// If there is no such process, and on every system but Linux.
#[cfg(target_os = "linux")]
pub fn peak(id: u32) -> io::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let kilobytes = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let kilobytes = kilobytes.and_then(|it| it.trim().strip_suffix(" kB")?.trim().parse().ok());
    let kilobytes: Option<u64> = kilobytes;
    Ok(1024 * kilobytes.ok_or_else(|| unknown(format!("/proc/{id}/status has no VmHWM")))?)
}

/// Returns the CPU time of the process with this id.
///
/// # Errors
///
/// If there is no such process, and on every system but Linux.
#[cfg(not(target_os = "linux"))]
pub fn taken(_: u32) -> io::Result<Taken> {
    Err(only_linux("the time of processors that ended children have taken"))
}

/// Returns the peak memory of the process with this id, in bytes.
///
/// # Errors
///
/// If there is no such process, and on every system but Linux.
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

/// Parses the file `stat` of a process. Its times are in hundredths of a second, because `USER_HZ` is 100 on every architecture of
/// Lambda. The name of a program may contain spaces and parentheses.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
#[cfg(target_os = "linux")]
fn read(stat: &str) -> Option<Taken> {
    let (_, fields) = stat.rsplit_once(')')?;
    // The first of these fields is number 3 in the manual.
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
    fn this_process_has_a_cpu_time_and_a_peak() {
        assert!(peak(std::process::id()).unwrap() > 100_000);
        assert!(taken(std::process::id()).is_ok() && taken(u32::MAX).is_err());
    }
}
