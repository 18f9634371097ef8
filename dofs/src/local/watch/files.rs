//! Watches files, and groups the events of the operating system into bursts.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context as _;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Instant, timeout_at},
};

use super::sources::Sources;

/// A burst ends after this time without an event. One save causes several events: an editor writes another file and renames it.
const QUIET: Duration = Duration::from_millis(80);
/// A longer burst, such as a large checkout, is split.
const LONGEST: Duration = Duration::from_secs(2);

/// Events that were reported together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Burst {
    /// When the first event was reported.
    pub(super) began: Instant,
    /// The files, by their old and new names.
    pub(super) paths: BTreeSet<PathBuf>,
    /// Whether the operating system has dropped events.
    pub(super) is_part: bool,
}

/// An event, with the time of its report.
type Reported = (Instant, notify::Result<Event>);

impl Burst {
    fn begin(began: Instant) -> Self {
        Burst { began, paths: BTreeSet::new(), is_part: false }
    }

    fn take(&mut self, (_, event): Reported) {
        match event {
            // Ignore reads.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(event) => {
                self.is_part |= event.need_rescan();
                self.paths.extend(event.paths);
            }
            Err(_) => self.is_part = true,
        }
    }

    fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.is_part
    }
}

/// The file watcher.
pub(super) struct Files {
    watcher: RecommendedWatcher,
    events: UnboundedReceiver<Reported>,
    watched: BTreeSet<PathBuf>,
}

impl Files {
    /// Watches the source files.
    ///
    /// # Errors
    ///
    /// If the operating system cannot watch them.
    pub(super) fn of(sources: &Sources) -> anyhow::Result<Self> {
        let (sender, events) = unbounded_channel();
        let watcher = notify::recommended_watcher(move |event| {
            // Sending fails only if the receiver has been dropped, at the end of the watch.
            let _ = sender.send((Instant::now(), event));
        });
        let watcher = watcher.context("changed files cannot be watched")?;
        let mut files = Files { watcher, events, watched: BTreeSet::new() };
        files.watch(sources)?;
        Ok(files)
    }

    /// Updates the watched folders: adds new ones, and removes those that are gone.
    ///
    /// # Errors
    ///
    /// As [`Files::of`].
    pub(super) fn watch(&mut self, sources: &Sources) -> anyhow::Result<()> {
        let whole: BTreeSet<PathBuf> = sources.folders().collect();
        let parents = sources.parents().into_iter().filter(|it| !whole.contains(it));
        let parents = parents.map(|it| (it, RecursiveMode::NonRecursive));
        let wanted: BTreeMap<PathBuf, RecursiveMode> =
            whole.iter().map(|it| (it.clone(), RecursiveMode::Recursive)).chain(parents).collect();
        for gone in self.watched.iter().filter(|it| !wanted.contains_key(*it)) {
            // The operating system stops watching a deleted folder by itself.
            let _ = self.watcher.unwatch(gone);
        }
        for (folder, mode) in &wanted {
            // Watch it again even if it was watched: it may be another folder with the same name now.
            let watched = self.watcher.watch(folder, *mode);
            watched.with_context(|| format!("{} cannot be watched{}", folder.display(), fix()))?;
        }
        self.watched = wanted.into_keys().collect();
        Ok(())
    }

    /// Waits until the next burst of changes is over. `None` once the watcher has ended.
    pub(super) async fn next(&mut self) -> Option<Burst> {
        settled(&mut self.events).await
    }
}

/// Waits for the next change, and collects events until none comes for a while.
async fn settled(events: &mut UnboundedReceiver<Reported>) -> Option<Burst> {
    let mut burst = loop {
        let event = events.recv().await?;
        let mut burst = Burst::begin(event.0);
        burst.take(event);
        if !burst.is_empty() {
            break burst;
        }
    };
    let began = Instant::now();
    let mut over = began + QUIET;
    while let Ok(Some(event)) = timeout_at(over.min(began + LONGEST), events.recv()).await {
        let before = burst.paths.len();
        burst.take(event);
        // Only a change extends the burst, and not a read by the compiler.
        if burst.paths.len() > before || burst.is_part {
            over = Instant::now() + QUIET;
        }
    }
    Some(burst)
}

/// <https://docs.rs/notify/8.2.0/notify/#linux-bad-file-descriptor--no-space-left-on-device>
fn fix() -> &'static str {
    match cfg!(target_os = "linux") {
        true => {
            "\n  fix: if the cause is a limit or missing space, raise the limit: sysctl \
                 fs.inotify.max_user_watches=524288"
        }
        false => "",
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use notify::event::{AccessKind, CreateKind, Flag, ModifyKind, RenameMode};
    use tokio::time::sleep;

    use super::*;
    use crate::local::watch::sources::tests::of_validator;

    fn event(kind: EventKind, path: &str) -> notify::Result<Event> {
        Ok(Event::new(kind).add_path(PathBuf::from(path)))
    }

    fn told(burst: &Burst) -> Vec<&str> {
        burst.paths.iter().map(|it| it.to_str().unwrap()).collect()
    }

    const CREATE: EventKind = EventKind::Create(CreateKind::File);
    const RENAME: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::Any));

    #[tokio::test]
    async fn events_that_belong_together_are_one_burst() {
        let (sender, mut events) = unbounded_channel();
        let send = |event| sender.send((Instant::now(), event)).unwrap();
        // An editor writes another file and renames it, while the compiler reads.
        send(event(EventKind::Access(AccessKind::Read), "read"));
        send(event(CREATE, "lib.rs.new"));
        send(event(RENAME, "lib.rs"));
        let burst = settled(&mut events).await.unwrap();
        assert_eq!((told(&burst), burst.is_part), (vec!["lib.rs", "lib.rs.new"], false));

        // A checkout writes one file after the other, for longer than `QUIET`.
        let checkout = async {
            for number in 0..6 {
                send(event(CREATE, &format!("{number}.rs")));
                sleep(QUIET / 2).await;
            }
        };
        let (burst, ()) = tokio::join!(settled(&mut events), checkout);
        assert_eq!(told(&burst.unwrap()), ["0.rs", "1.rs", "2.rs", "3.rs", "4.rs", "5.rs"]);

        // Two saves with a pause between them are two bursts.
        let saves = async {
            send(event(CREATE, "a.rs"));
            sleep(QUIET * 3).await;
            send(event(CREATE, "b.rs"));
        };
        let (first, ()) = tokio::join!(settled(&mut events), saves);
        let first = first.unwrap();
        assert_eq!(told(&first), ["a.rs"]);
        // The second burst waits in the channel, and begins at the time of its report.
        let waits = Instant::now();
        sleep(QUIET).await;
        let second = settled(&mut events).await.unwrap();
        assert_eq!(told(&second), ["b.rs"]);
        assert!(first.began + QUIET * 3 <= second.began && second.began <= waits);

        // The operating system dropped events.
        send(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)));
        let burst = settled(&mut events).await.unwrap();
        assert!(burst.is_part && burst.paths.is_empty(), "{burst:?}");
        drop(sender);
        assert_eq!(settled(&mut events).await, None);
    }

    #[tokio::test]
    async fn saves_of_all_kinds_are_reported() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let package = root.join("lambdas/validator");
        fs::create_dir_all(&package).unwrap();
        let sources = of_validator(&root);
        let mut files = Files::of(&sources).unwrap();
        let (file, other) = (package.join("src/lib.rs"), package.join("src/other.rs"));
        let draft = package.join("src/draft");
        let src = || fs::create_dir(package.join("src")).unwrap();
        let write = || fs::write(&file, "1").unwrap();
        let replace = || {
            fs::write(&draft, "2").unwrap();
            fs::rename(&draft, &file).unwrap();
        };
        let rename = || fs::rename(&file, &other).unwrap();
        let delete = || fs::remove_file(&other).unwrap();
        check(&mut files, &package.join("src"), &src).await;
        // A folder that did not exist when the watch began.
        check(&mut files, &file, &write).await;
        check(&mut files, &file, &write).await;
        check(&mut files, &file, &replace).await;
        check(&mut files, &file, &rename).await;
        check(&mut files, &other, &delete).await;
        // The package is deleted and created again. That is another folder, which is watched after `watch`.
        check(&mut files, &package, &|| fs::remove_dir_all(&package).unwrap()).await;
        check(&mut files, &package, &|| fs::create_dir(&package).unwrap()).await;
        files.watch(&sources).unwrap();
        check(&mut files, &package.join("build.rs"), &|| {
            fs::write(package.join("build.rs"), "1").unwrap();
        })
        .await;
    }

    /// Changes a path, and waits until the change is reported.
    async fn check(files: &mut Files, path: &Path, change: &dyn Fn()) {
        change();
        let burst = tokio::time::timeout(Duration::from_secs(10), files.next());
        let burst = burst.await.unwrap().unwrap();
        assert!(burst.paths.contains(path), "{} is not in {burst:?}", path.display());
    }
}
