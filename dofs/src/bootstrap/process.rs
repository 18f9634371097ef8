//! A process that an earlier run has started.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Pid;

/// A process, with its start time, because a later process may have the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) number: i32,
    /// Its start time, as in [`processes::Process::began`]; empty if the operating system does not report it.
    began: String,
}

impl Process {
    pub(super) fn of(process: Pid) -> Self {
        let number = process.as_raw_nonzero().get();
        let found = u32::try_from(number).ok().and_then(|it| processes::find(it).ok().flatten());
        Process { number, began: found.map(|it| it.began.to_string()).unwrap_or_default() }
    }

    /// Formats it for [`Process::read`].
    pub(super) fn text(&self) -> String {
        format!("{} {}\n", self.number, self.began)
    }

    /// Parses it. Returns `None` if the text is incomplete.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (number, began) = text.strip_suffix('\n')?.split_once(' ')?;
        Some(Process { number: number.parse().ok()?, began: began.to_owned() })
    }

    /// Whether it runs. If the operating system does not say, it counts as running.
    pub(super) fn lives(&self) -> bool {
        let Ok(number) = u32::try_from(self.number) else { return false };
        match processes::find(number) {
            Ok(None) => false,
            Ok(Some(it)) if it.has_ended => false,
            Ok(Some(it)) => self.began.is_empty() || it.began.to_string() == self.began,
            Err(_) => true,
        }
    }

    /// Waits until it has ended, at most this time. Returns whether it still runs.
    pub(super) fn outlives(&self, patience: Duration) -> bool {
        let began = Instant::now();
        while self.lives() {
            if began.elapsed() >= patience {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_or_refused() {
        fn check(text: &str, expected: Option<(i32, &str)>) {
            let expected = expected.map(|(number, began)| Process { number, began: began.into() });
            assert_eq!(Process::read(text), expected, "{text:?}");
        }
        check("17 4711\n", Some((17, "4711")));
        check("17 \n", Some((17, "")));
        // The run was killed while it wrote: half of a number is another number.
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
        // No process has the largest possible id.
        assert!(!Process { number: i32::MAX, ..own.clone() }.lives());
        assert!(!own.began.is_empty());
        assert!(
            Process { began: String::new(), ..own.clone() }.lives(),
            "without a start time, a process with this number counts as alive"
        );
        assert!(
            !Process { began: "1".to_owned(), ..own }.lives(),
            "another process has the number now"
        );
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let process = of(child.id());
        assert!(process.lives());
        assert!(process.outlives(Duration::from_millis(100)));
        child.kill().unwrap();
        // A zombie counts as ended.
        assert!(!process.outlives(Duration::from_secs(10)));
        child.wait().unwrap();
    }
}
