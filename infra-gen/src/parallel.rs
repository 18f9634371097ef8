//! The same for each of many, on every core. The results are in the order of what they are for, so
//! nothing that is generated knows how many cores there are.

use std::{num::NonZero, thread};

/// Fewer than this are done sooner than a thread is started.
const WORTH_A_THREAD: usize = 512;

/// What `of` makes of each item.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    few(items, items.len(), of)
}

/// As [`map`], where each item is work on `size` others.
pub(crate) fn few<T: Sync, R: Send>(
    items: &[T],
    size: usize,
    of: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if size < WORTH_A_THREAD {
        return items.iter().map(of).collect();
    }
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    // Neighbours tend to be alike, and so the shares: small ones, which come in turn.
    let share = items.len().div_ceil(cores * 8).max(1);
    let shares: Vec<&[T]> = items.chunks(share).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut done: Vec<(usize, Vec<R>)> = thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(share) = shares.get(at) else { return done };
                done.push((at, share.iter().map(&of).collect()));
            }
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let all = workers.into_iter().flat_map(|it| {
            // A panic is a fault of ours: it goes on as it came.
            it.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        all.collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().flat_map(|(_, results)| results).collect()
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
}
