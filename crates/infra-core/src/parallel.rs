//! Runs work on all cores. The results are in the order of the items, so the output does not depend on the number of
//! cores.
//!
//! Work that runs in parallel starts no more threads, because all cores are busy.

use std::{cell::Cell, num::NonZero, thread};

/// Fewer items than this are processed faster than a thread starts.
const WORTH_A_THREAD: usize = 512;

/// The number of shares of work for each core.
const SHARES_OF_A_CORE: usize = 64;

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Applies `of` to each item, in parallel.
pub fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    few(items, items.len(), of)
}

/// Applies `of` to each of a few large items, in parallel. `size` is the number of small items that take as long in
/// total.
pub fn few<T: Sync, R: Send>(items: &[T], size: usize, of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if size < WORTH_A_THREAD || items.len() < 2 || AT_WORK.get() {
        return items.iter().map(of).collect();
    }
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // Neighbours tend to take equally long, so each thread takes small shares in turn. The first thread to end waits
    // for at most one share.
    let share = items.len().div_ceil(cores * SHARES_OF_A_CORE).max(1);
    let shares: Vec<&[T]> = items.chunks(share).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(share) = shares.get(at) else { return done };
            done.push((at, share.iter().map(&of).collect()));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> =
            (1..cores.min(shares.len())).map(|_| scope.spawn(|| at_work(worker))).collect();
        let mut done = at_work(worker);
        done.extend(others.into_iter().flat_map(joined));
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

/// Starts `work` on another core, if one is free. No caller waits, so it must store its result in a cell that the
/// first reader fills if the work has not.
pub fn ahead(work: impl FnOnce() + Send + 'static) {
    if !AT_WORK.get() {
        // If no thread can be started, the first reader does the work.
        let _ = thread::Builder::new().spawn(|| at_work(work));
    }
}

fn at_work<R>(work: impl FnOnce() -> R) -> R {
    let before = AT_WORK.replace(true);
    let done = work();
    AT_WORK.set(before);
    done
}

/// The result of a thread. A panic in the thread continues in the caller, because it is a fault of this program.
fn joined<R>(thread: thread::ScopedJoinHandle<'_, R>) -> R {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_items() {
        for count in [0, 1, 511, 512, 10_000] {
            let items: Vec<usize> = (0..count).collect();
            assert!(map(&items, |it| it * 2).into_iter().eq((0..count).map(|it| it * 2)));
        }
    }

    #[test]
    fn parallel_work_starts_no_threads() {
        let here = || thread::current().id();
        let (told, heard) = std::sync::mpsc::channel();
        let all = few(&[0; 4], usize::MAX, |_| {
            let told = told.clone();
            ahead(move || told.send(()).unwrap());
            (here(), few(&[0; 4], usize::MAX, |_| here()))
        });
        assert!(all.iter().all(|(id, inner)| *inner == [*id; 4]));
        assert!(heard.try_recv().is_err(), "nothing was begun ahead");
        // After the work, threads can be started again.
        ahead(move || told.send(()).unwrap());
        heard.recv().unwrap();
    }

    #[test]
    fn a_panic_continues_in_the_caller() {
        let panicked =
            std::panic::catch_unwind(|| few(&[1, 2], usize::MAX, |it| assert_ne!(*it, 2, "broke")));
        assert!(panicked.unwrap_err().downcast_ref::<String>().unwrap().contains("broke"));
    }
}
