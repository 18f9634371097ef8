//! Takes one snapshot after the other, for all browsers together. Without a browser, it makes no calls.

use std::{sync::Arc, time::Duration};

use futures::{Stream, StreamExt as _, stream};
use tokio::{
    sync::{
        Mutex, Notify,
        broadcast::{self, error::RecvError},
    },
    time::{sleep, timeout},
};

use super::{
    change::{Event, between},
    snapshot::Snapshot,
};

/// The pause between two snapshots.
const PAUSE: Duration = Duration::from_millis(500);
/// The pause after a failed snapshot.
const PATIENCE: Duration = Duration::from_secs(2);
/// The timeout of a snapshot.
const LONGEST: Duration = Duration::from_secs(20);
/// How many events a slow browser may lag behind. After that, it starts with a new snapshot.
const BEHIND: usize = 1_024;

/// Takes snapshots of a system.
pub(super) trait Looks {
    /// Takes a snapshot.
    fn look(&mut self) -> impl Future<Output = anyhow::Result<Snapshot>> + Send;
}

/// The listening browsers, and the last snapshot.
#[derive(Debug)]
pub(super) struct Watch {
    /// Locked while events are sent, so that a new browser gets a snapshot and exactly the events after it.
    last: Mutex<Option<Snapshot>>,
    events: broadcast::Sender<Arc<Event>>,
    somebody: Notify,
}

impl Default for Watch {
    fn default() -> Self {
        Watch {
            last: Mutex::default(),
            events: broadcast::Sender::new(BEHIND),
            somebody: Notify::new(),
        }
    }
}

impl Watch {
    /// Takes snapshots while a browser listens, and sends the events. It never ends.
    pub(super) async fn run(&self, mut look: impl Looks) {
        loop {
            // In a loop, because a new browser may have left meanwhile.
            while self.events.receiver_count() == 0 {
                *self.last.lock().await = None;
                self.somebody.notified().await;
            }
            let seen = match timeout(LONGEST, look.look()).await {
                Ok(seen) => seen,
                Err(_) => Err(anyhow::anyhow!("AWS does not answer")),
            };
            let well = seen.is_ok();
            self.tell(seen).await;
            sleep(if well { PAUSE } else { PATIENCE }).await;
        }
    }

    async fn tell(&self, seen: anyhow::Result<Snapshot>) {
        let mut last = self.last.lock().await;
        let (events, next) = match (last.take(), seen) {
            (Some(before), Ok(after)) => (between(&before, &after), Some(after)),
            (None, Ok(first)) => (vec![Event::Snapshot(first.clone())], Some(first)),
            (_, Err(err)) => (vec![Event::Trouble { message: format!("{err:#}") }], None),
        };
        *last = next;
        for event in events {
            // Sending fails only without a listener.
            let _ = self.events.send(Arc::new(event));
        }
    }

    /// Returns a stream with a snapshot and all later events.
    pub(super) async fn listen(&self) -> impl Stream<Item = Arc<Event>> + Send + use<> {
        let (first, events) = {
            let last = self.last.lock().await;
            let first = last.clone().map(|it| Arc::new(Event::Snapshot(it)));
            (first, self.events.subscribe())
        };
        self.somebody.notify_one();
        let following = stream::unfold(events, async |mut events| match events.recv().await {
            Ok(event) => Some((event, events)),
            // End the stream: the browser reconnects, and gets a snapshot.
            Err(RecvError::Lagged(_) | RecvError::Closed) => None,
        });
        stream::iter(first).chain(following)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::page::snapshot::{Counts, Depths};

    /// Returns one dead letter more each time, and an error the third time.
    #[derive(Clone, Default)]
    struct Eye(Arc<AtomicU64>);

    impl Looks for Eye {
        async fn look(&mut self) -> anyhow::Result<Snapshot> {
            let dead = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            anyhow::ensure!(dead != 3, "it is dark");
            let depths = Depths { dead, ..Depths::default() };
            let (orders, failures) = (Vec::new(), Vec::new());
            Ok(Snapshot { counts: Counts::new(), depths, orders, failures })
        }
    }

    #[tokio::test]
    async fn all_browsers_share_snapshots_and_none_are_taken_without_one() {
        let (watch, eye) = (Arc::new(Watch::default()), Eye::default());
        let looks = || eye.0.load(Ordering::Relaxed);
        let (watching, looking) = (watch.clone(), eye.clone());
        tokio::spawn(async move { watching.run(looking).await });
        sleep(PAUSE * 2).await;
        assert_eq!(looks(), 0, "no browser listens");

        let mut first = Box::pin(watch.listen().await);
        assert_eq!(first.next().await.unwrap().name(), "snapshot");
        let mut second = Box::pin(watch.listen().await);
        assert_eq!(second.next().await.unwrap().name(), "snapshot", "what was seen last");
        assert_eq!(looks(), 1, "the second browser causes no call");
        for expected in ["depths", "trouble", "snapshot"] {
            assert_eq!(first.next().await.unwrap().name(), expected);
            assert_eq!(second.next().await.unwrap().name(), expected);
        }
        assert_eq!(looks(), 4, "one for both");

        drop((first, second));
        sleep(PAUSE * 4).await;
        assert_eq!(looks(), 4, "no browser listens any more");
    }
}
