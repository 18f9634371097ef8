//! A process that another run has started.

use std::{
    thread,
    time::{Duration, Instant},
};

use rustix::process::Pid;

/// A process, as far as it can be told from a later one with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) number: i32,
    /// When it began, as [`processes::Process::began`] has it; empty where the system does not tell.
    began: String,
}

impl Process {
    pub(super) fn of(process: Pid) -> Self {
        let number = process.as_raw_nonzero().get();
        let found = u32::try_from(number).ok().and_then(|it| processes::find(it).ok().flatten());
        Process { number, began: found.map(|it| it.began.to_string()).unwrap_or_default() }
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

    /// Whether it runs. Where the system does not say, it does.
    pub(super) fn lives(&self) -> bool {
        let Ok(number) = u32::try_from(self.number) else { return false };
        match processes::find(number) {
            Ok(None) => false,
            Ok(Some(it)) if it.has_ended => false,
            Ok(Some(it)) => self.began.is_empty() || it.began.to_string() == self.began,
            Err(_) => true,
        }
    }

    /// Whether it still runs after this time. Returns as soon as it has ended.
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
        assert!(!own.began.is_empty());
        assert!(Process { began: String::new(), ..own.clone() }.lives(), "it cannot be told");
        assert!(!Process { began: "1".to_owned(), ..own }.lives(), "its number is another's now");
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let process = of(child.id());
        assert!(process.lives());
        assert!(process.outlives(Duration::from_millis(100)));
        child.kill().unwrap();
        // It has ended before its parent asks how.
        assert!(!process.outlives(Duration::from_secs(10)));
        child.wait().unwrap();
    }
}
