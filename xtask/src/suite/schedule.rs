//! Which of the jobs that are ready begins next.

/// How a job takes the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// It waits most of its time, for Terraform and for messages that come back: so many of its tests run at once,
    /// however few cores there are.
    Waits(usize),
    /// It keeps a core busy.
    Computes,
    /// It asserts how long something takes: nothing that computes runs beside it.
    Quiet,
    /// A cargo that compiles with so many jobs. It has the lock of the target folder, so it is alone.
    Cargo(usize),
}

/// So many jobs wait at once. Each has an emulator and Terraform's provider, a gigabyte together.
const WAITING: usize = 4;

/// The place of the job to begin: the longest of those that there is room for, and before them what nobody
/// knows the seconds of.
pub(crate) fn next(ready: &[(Load, Option<u64>)], running: &[Load], cores: usize) -> Option<usize> {
    let fits = (0..ready.len()).filter(|at| has_room(ready[*at].0, running, cores));
    // The first of several, which `max_by_key` would not give.
    fits.rev().max_by_key(|at| ready[*at].1.unwrap_or(u64::MAX))
}

fn has_room(load: Load, running: &[Load], cores: usize) -> bool {
    let busy: usize = running.iter().map(|it| busy(*it, cores)).sum();
    let is_cargo = |it: &Load| matches!(it, Load::Cargo(_));
    let waits = |it: &&Load| matches!(it, Load::Waits(_));
    match load {
        Load::Waits(_) => running.iter().filter(waits).count() < WAITING,
        Load::Cargo(_) if running.iter().any(is_cargo) => false,
        _ => busy == 0 || busy + self::busy(load, cores) <= cores,
    }
}

/// How many cores it keeps from others.
fn busy(load: Load, cores: usize) -> usize {
    match load {
        Load::Waits(_) => 0,
        Load::Computes => 1,
        Load::Quiet => cores,
        Load::Cargo(jobs) => jobs,
    }
}

#[cfg(test)]
mod tests {
    use super::{Load::*, *};

    #[track_caller]
    fn check(ready: &[(Load, Option<u64>)], running: &[Load], expected: Option<usize>) {
        assert_eq!(next(ready, running, 2), expected);
    }

    #[test]
    fn the_longest_begins_and_before_it_what_is_unknown() {
        check(&[], &[], None);
        check(&[(Computes, Some(1)), (Computes, Some(9)), (Computes, Some(9))], &[], Some(1));
        check(&[(Computes, Some(9)), (Computes, None), (Computes, None)], &[], Some(1));
    }

    #[test]
    fn what_waits_begins_beside_what_computes() {
        check(&[(Computes, Some(9)), (Waits(2), Some(1))], &[Cargo(2)], Some(1));
        check(&[(Computes, Some(9)), (Waits(2), Some(1))], &[Quiet], Some(1));
        check(&[(Waits(2), None)], &[Waits(2); WAITING], None);
        check(&[(Waits(2), None), (Computes, Some(1))], &[Waits(2); WAITING], Some(1));
    }

    #[test]
    fn what_computes_shares_the_cores() {
        check(&[(Computes, None)], &[Computes], Some(0));
        check(&[(Computes, None)], &[Computes, Cargo(1)], None);
        check(&[(Computes, None)], &[Quiet], None);
        // One core, and more is asked for: alone it begins all the same.
        assert_eq!(next(&[(Cargo(2), None)], &[Waits(2)], 1), Some(0));
    }

    #[test]
    fn what_asserts_time_begins_when_nothing_computes() {
        check(&[(Quiet, None)], &[Computes], None);
        check(&[(Quiet, None)], &[Waits(2), Waits(2)], Some(0));
    }

    #[test]
    fn cargo_has_its_lock_alone() {
        check(&[(Cargo(1), None), (Computes, Some(1))], &[Cargo(1)], Some(1));
    }
}
