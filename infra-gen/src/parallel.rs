//! Work on every core. The results are in the order of what they are for, so nothing that is generated
//! knows how many cores there are.
//!
//! Whoever is at work on a core of its own starts no more of them: all of them are busy by then.

use std::{cell::Cell, num::NonZero, thread};

/// Fewer than this are done sooner than a thread is started.
const WORTH_A_THREAD: usize = 512;

/// Into how many shares the work of each core is cut.
const SHARES_OF_A_CORE: usize = 64;

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// What `of` makes of each item.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    few(items, items.len(), of)
}

/// As [`map`], where all of it is as much work as `size` small ones.
pub(crate) fn few<T: Sync, R: Send>(
    items: &[T],
    size: usize,
    of: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if size < WORTH_A_THREAD || items.len() < 2 || AT_WORK.get() {
        return items.iter().map(of).collect();
    }
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // Neighbours tend to be alike, and so the shares: small ones, which come in turn. Whoever is done
    // first waits for one share at most.
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

/// Begins it on another core, where one is at leisure. Nobody waits for it, and it may come late or never
/// end: what it comes to belongs into a cell, which whoever needs it first fills otherwise.
pub(crate) fn ahead(work: impl FnOnce() + Send + 'static) {
    if !AT_WORK.get() {
        // Without a thread to be had it is done where it is needed.
        let _ = thread::Builder::new().spawn(|| at_work(work));
    }
}

fn at_work<R>(work: impl FnOnce() -> R) -> R {
    let before = AT_WORK.replace(true);
    let done = work();
    AT_WORK.set(before);
    done
}

/// A panic is a fault of ours: it goes on as it came.
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
    fn who_is_at_work_starts_nobody() {
        let here = || thread::current().id();
        let (told, heard) = std::sync::mpsc::channel();
        let all = few(&[0; 4], usize::MAX, |_| {
            let told = told.clone();
            ahead(move || told.send(()).unwrap());
            (here(), few(&[0; 4], usize::MAX, |_| here()))
        });
        assert!(all.iter().all(|(id, inner)| *inner == [*id; 4]));
        assert!(heard.try_recv().is_err(), "nothing was begun ahead");
        // And not any more once it is done.
        ahead(move || told.send(()).unwrap());
        heard.recv().unwrap();
    }

    #[test]
    fn a_panic_goes_on_as_it_came() {
        let panicked =
            std::panic::catch_unwind(|| few(&[1, 2], usize::MAX, |it| assert_ne!(*it, 2, "broke")));
        assert!(panicked.unwrap_err().downcast_ref::<String>().unwrap().contains("broke"));
    }
}
