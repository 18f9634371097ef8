//! Measures the time of each code in a run.

use std::{
    cell::RefCell,
    time::{Duration, Instant},
};

/// The measured codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The handlers, from the JSON of an event to the JSON of an answer.
    Functions,
    /// The interpreter of the state machine.
    Machine,
    /// The effects of calls on tables, queues and executions.
    Services,
    /// The checks after each step and at the end.
    Invariants,
    /// The rest: the clock, the agenda, the customers and their events.
    Simulation,
}

impl Code {
    /// All codes.
    pub const ALL: [Code; 5] =
        [Code::Functions, Code::Machine, Code::Services, Code::Invariants, Code::Simulation];

    /// The name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Code::Functions => "our functions",
            Code::Machine => "the interpreter of the state machine",
            Code::Services => "the simulated services",
            Code::Invariants => "the invariants",
            Code::Simulation => "the rest of the simulation",
        }
    }
}

/// The time of each code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent([Duration; Code::ALL.len()]);

impl Spent {
    /// Returns the time of a code.
    pub fn of(&self, code: Code) -> Duration {
        self.0[code as usize]
    }
}

impl std::ops::AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, more)| *mine += more);
    }
}

/// A clock that counts for one code at a time.
struct Meter {
    has_it: Code,
    since: Instant,
    spent: Spent,
}

thread_local! {
    /// `None` if nothing is measured.
    static METER: RefCell<Option<Meter>> = const { RefCell::new(None) };
}

/// Measures the time of each code during work on this thread.
pub fn metered<T>(work: impl FnOnce() -> T) -> (T, Spent) {
    let meter = Meter { has_it: Code::Simulation, since: Instant::now(), spent: Spent::default() };
    METER.set(Some(meter));
    let done = work();
    hand(Code::Simulation);
    (done, METER.take().map(|it| it.spent).unwrap_or_default())
}

/// Runs a part of this code. The time of other code that it calls counts for that code.
pub(crate) fn by<T>(code: Code, work: impl FnOnce() -> T) -> T {
    let before = hand(code);
    let done = work();
    if let Some(before) = before {
        hand(before);
    }
    done
}

/// Lets the clock count for another code, and returns the one before.
fn hand(to: Code) -> Option<Code> {
    METER.with_borrow_mut(|meter| {
        let meter = meter.as_mut()?;
        let now = Instant::now();
        meter.spent.0[meter.has_it as usize] += now - meter.since;
        meter.since = now;
        Some(std::mem::replace(&mut meter.has_it, to))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_counts_for_one_code_at_a_time() {
        let pause = || std::thread::sleep(Duration::from_millis(5));
        let began = Instant::now();
        let ((), spent) = metered(|| {
            by(Code::Functions, || {
                pause();
                by(Code::Services, pause);
                pause();
            });
            pause();
        });
        let all = began.elapsed();
        for (code, pauses) in
            [(Code::Functions, 2), (Code::Services, 1), (Code::Simulation, 1), (Code::Machine, 0)]
        {
            assert!(spent.of(code) >= pauses * Duration::from_millis(5), "{code:?}: {spent:?}");
        }
        assert_eq!(spent.of(Code::Machine), Duration::ZERO);
        // No time is counted twice.
        assert!(Code::ALL.iter().map(|it| spent.of(*it)).sum::<Duration>() <= all, "{spent:?}");
    }

    #[test]
    fn without_a_meter_the_work_is_done_all_the_same() {
        assert_eq!(by(Code::Machine, || 7), 7);
    }
}
