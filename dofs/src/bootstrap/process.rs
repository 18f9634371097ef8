//! A process that another run has started.

use fs_err as fs;
use rustix::{
    io::Errno,
    process::{Pid, test_kill_process},
};

/// A process, as far as it can be told from a later one with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) number: i32,
    /// When it began, by the system's own clock; empty where the system does not tell.
    began: String,
}

impl Process {
    pub(super) fn of(process: Pid) -> Self {
        let number = process.as_raw_nonzero().get();
        Process { number, began: look(number).map(|(_, began)| began).unwrap_or_default() }
    }

    /// For [`Process::read`].
    pub(super) fn text(&self) -> String {
        format!("{} {}\n", self.number, self.began)
    }

    /// Nothing where it is not whole.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (number, began) = text.strip_suffix('\n')?.split_once(' ')?;
        Some(Process { number: number.parse().ok()?, began: began.to_owned() })
    }

    pub(super) fn lives(&self) -> bool {
        let Some(process) = Pid::from_raw(self.number) else { return false };
        // Whoever may not be told anything is there.
        if test_kill_process(process) == Err(Errno::SRCH) {
            return false;
        }
        match look(self.number) {
            // One that is dead has a number until its parent has asked.
            Some((state, _)) if matches!(state.as_str(), "Z" | "X") => false,
            Some((_, began)) => self.began.is_empty() || began == self.began,
            None => true,
        }
    }
}

/// The state of a process, and when it began, where the system has files about that.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
fn look(process: i32) -> Option<(String, String)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name comes before, in brackets, and may hold anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ').map(str::to_owned);
    Some((fields.next()?, fields.nth(18)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_again() {
        fn check(text: &str, expected: Option<(i32, &str)>) {
            let expected = expected.map(|(number, began)| Process { number, began: began.into() });
            assert_eq!(Process::read(text), expected, "{text:?}");
        }
        check("17 4711\n", Some((17, "4711")));
        check("17 \n", Some((17, "")));
        // Killed while it wrote: half a number is another one.
        check("17 47", None);
        check("17", None);
        check("", None);
        check("x 4\n", None);
    }

    #[test]
    fn a_process_lives_until_it_has_ended() {
        let of = |number: u32| Process::of(Pid::from_raw(i32::try_from(number).unwrap()).unwrap());
        let own = of(std::process::id());
        assert!(own.lives());
        assert_eq!(Process::read(&own.text()), Some(own.clone()));
        // No process has the largest number that there is.
        assert!(!Process { number: i32::MAX, ..own.clone() }.lives());
        if own.began.is_empty() {
            return;
        }
        assert!(Process { began: String::new(), ..own.clone() }.lives(), "it cannot be told");
        assert!(!Process { began: "1".to_owned(), ..own }.lives(), "its number is another's now");
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let process = of(child.id());
        assert!(process.lives());
        child.kill().unwrap();
        // It is dead before anybody has asked how it ended.
        for _ in 0..100 {
            if !process.lives() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(!process.lives());
        child.wait().unwrap();
    }
}
