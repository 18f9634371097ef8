//! Decides which of the ready jobs begins next.

/// How a job uses the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// It waits most of the time, for Terraform and for messages that return to a queue. So this number of its tests
    /// run at once, however few cores there are.
    Waits(usize),
    /// It keeps a core busy.
    Computes,
    /// It asserts durations, so no job that computes runs at the same time. It waits most of the time, so this number
    /// of its tests run at once.
    Quiet(usize),
    /// A cargo that compiles with this number of jobs. It holds the lock of the target folder, so only one can run.
    Cargo(usize),
}

/// The largest number of waiting jobs that run at once.
const WAITING: usize = 4;

/// The memory of a waiting test in bytes: an emulator, and Terraform's providers.
const WAITING_TEST: u64 = 700_000_000;

/// The resources that jobs share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) cores: usize,
    /// The largest number of tests that may wait at once. A job with more tests runs alone.
    pub(crate) waiting_tests: usize,
}

impl Room {
    /// The resources of a machine with this memory in bytes. A quarter of it is for the compiler.
    pub(crate) fn of(cores: usize, memory: u64) -> Self {
        let waiting_tests = memory / 4 * 3 / WAITING_TEST;
        Room { cores, waiting_tests: waiting_tests.try_into().unwrap_or(usize::MAX) }
    }
}

/// The index of the job to begin: the longest job that fits. Jobs of unknown duration come first.
pub(crate) fn next(ready: &[(Load, Option<u64>)], running: &[Load], room: Room) -> Option<usize> {
    let fits = (0..ready.len()).filter(|at| has_room(ready[*at].0, running, room));
    // The first of equal jobs, whereas `max_by_key` returns the last.
    fits.rev().max_by_key(|at| ready[*at].1.unwrap_or(u64::MAX))
}

fn has_room(load: Load, running: &[Load], room: Room) -> bool {
    let Room { cores, waiting_tests } = room;
    let busy: usize = running.iter().map(|it| busy(*it, cores)).sum();
    let is_cargo = |it: &Load| matches!(it, Load::Cargo(_));
    match load {
        Load::Waits(tests) => {
            let waiting = running.iter().filter_map(|it| match it {
                Load::Waits(tests) => Some(*tests),
                _ => None,
            });
            let jobs = waiting.clone().count();
            jobs == 0 || jobs < WAITING && waiting.sum::<usize>() + tests <= waiting_tests
        }
        Load::Cargo(_) if running.iter().any(is_cargo) => false,
        _ => busy == 0 || busy + self::busy(load, cores) <= cores,
    }
}

/// The number of cores that a job occupies.
fn busy(load: Load, cores: usize) -> usize {
    match load {
        Load::Waits(_) => 0,
        Load::Computes => 1,
        Load::Quiet(_) => cores,
        Load::Cargo(jobs) => jobs,
    }
}

#[cfg(test)]
mod tests {
    use super::{Load::*, *};

    #[track_caller]
    fn check(ready: &[(Load, Option<u64>)], running: &[Load], expected: Option<usize>) {
        assert_eq!(next(ready, running, Room { cores: 2, waiting_tests: 100 }), expected);
    }

    #[test]
    fn jobs_of_unknown_duration_begin_first_then_the_longest() {
        check(&[], &[], None);
        check(&[(Computes, Some(1)), (Computes, Some(9)), (Computes, Some(9))], &[], Some(1));
        check(&[(Computes, Some(9)), (Computes, None), (Computes, None)], &[], Some(1));
    }

    #[test]
    fn waiting_jobs_begin_next_to_computing_ones() {
        check(&[(Computes, Some(9)), (Waits(2), Some(1))], &[Cargo(2)], Some(1));
        check(&[(Computes, Some(9)), (Waits(2), Some(1))], &[Quiet(4)], Some(1));
        check(&[(Waits(2), None)], &[Waits(2); WAITING], None);
        check(&[(Waits(2), None), (Computes, Some(1))], &[Waits(2); WAITING], Some(1));
    }

    #[test]
    fn computing_jobs_share_the_cores() {
        check(&[(Computes, None)], &[Computes], Some(0));
        check(&[(Computes, None)], &[Computes, Cargo(1)], None);
        check(&[(Computes, None)], &[Quiet(4)], None);
        // One core, and more is asked for: alone it begins all the same.
        let room = Room { cores: 1, waiting_tests: 100 };
        assert_eq!(next(&[(Cargo(2), None)], &[Waits(2)], room), Some(0));
    }

    #[test]
    fn jobs_that_assert_durations_begin_when_nothing_computes() {
        check(&[(Quiet(4), None)], &[Computes], None);
        check(&[(Quiet(4), None)], &[Waits(2), Waits(2)], Some(0));
    }

    #[test]
    fn waiting_jobs_fit_into_the_memory() {
        #[track_caller]
        fn check(gigabytes: u64, tests: usize, running: &[Load], expected: bool) {
            let room = Room::of(2, gigabytes * 1_000_000_000);
            let next = next(&[(Waits(tests), None)], running, room);
            assert_eq!(next.is_some(), expected, "{room:?}");
        }
        check(8, 3, &[Waits(5)], true);
        check(8, 4, &[Waits(5)], false);
        check(8, 4, &[Waits(3), Waits(2)], false);
        check(8, 1, &[Cargo(2), Computes, Waits(5)], true);
        check(16, 4, &[Waits(5), Waits(5)], true);
        // One is always let in: else it would never be.
        check(1, 5, &[], true);
        check(1, 5, &[Computes], true);
        check(1, 1, &[Waits(1)], false);
    }

    #[test]
    fn cargo_has_its_lock_alone() {
        check(&[(Cargo(1), None), (Computes, Some(1))], &[Cargo(1)], Some(1));
    }
}
