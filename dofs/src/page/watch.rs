//! One look after the other, for everybody who looks at the page. Where nobody does, nobody is asked.

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

/// From the end of a look to the next one.
const PAUSE: Duration = Duration::from_millis(500);
/// The same, where the system does not answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// No look takes longer.
const LONGEST: Duration = Duration::from_secs(20);
/// Events that a slow browser may be behind. Beyond, it begins anew.
const BEHIND: usize = 1_024;

/// Who can look at a system.
pub(super) trait Looks {
    /// How it stands now.
    fn look(&mut self) -> impl Future<Output = anyhow::Result<Snapshot>> + Send;
}

/// Who watches, and what was seen last.
#[derive(Debug)]
pub(super) struct Watch {
    /// Locked while events go out, so that whoever comes gets a snapshot and then what follows it.
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
    /// Looks while somebody listens, and tells them what happens. Never ends.
    pub(super) async fn run(&self, mut look: impl Looks) {
        loop {
            // In a loop: whoever came may have left meanwhile.
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
            // Without a listener, there is nobody to tell.
            let _ = self.events.send(Arc::new(event));
        }
    }

    /// Everything that happens from now on, with a snapshot first.
    pub(super) async fn listen(&self) -> impl Stream<Item = Arc<Event>> + Send + use<> {
        let (first, events) = {
            let last = self.last.lock().await;
            let first = last.clone().map(|it| Arc::new(Event::Snapshot(it)));
            (first, self.events.subscribe())
        };
        self.somebody.notify_one();
        let following = stream::unfold(events, async |mut events| match events.recv().await {
            Ok(event) => Some((event, events)),
            // The browser comes again, and gets a snapshot.
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

    /// Sees one dead letter more each time, and nothing at all the third time.
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
    async fn one_looks_for_all_and_none_for_nobody() {
        let (watch, eye) = (Arc::new(Watch::default()), Eye::default());
        let looks = || eye.0.load(Ordering::Relaxed);
        let (watching, looking) = (watch.clone(), eye.clone());
        tokio::spawn(async move { watching.run(looking).await });
        sleep(PAUSE * 2).await;
        assert_eq!(looks(), 0, "nobody listens");

        let mut first = Box::pin(watch.listen().await);
        assert_eq!(first.next().await.unwrap().name(), "snapshot");
        let mut second = Box::pin(watch.listen().await);
        assert_eq!(second.next().await.unwrap().name(), "snapshot", "what was seen last");
        assert_eq!(looks(), 1, "for the second one, nobody looked again");
        for expected in ["depths", "trouble", "snapshot"] {
            assert_eq!(first.next().await.unwrap().name(), expected);
            assert_eq!(second.next().await.unwrap().name(), expected);
        }
        assert_eq!(looks(), 4, "one for both");

        drop((first, second));
        sleep(PAUSE * 4).await;
        assert_eq!(looks(), 4, "nobody listens any more");
    }
}
