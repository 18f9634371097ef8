//! What becomes of changed sources, where `dofs local up --watch` watches them.

use futures::{Stream, stream};
use serde::Serialize;
use tokio::sync::watch::Receiver;

/// How far a change has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// What was saved is in the system.
    #[default]
    Ready,
    /// It is built, or brought in.
    Working,
    /// It does not compile, breaks a rule, or could not be applied.
    Failed,
}

/// What there is to know about the last change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// How far it has come.
    pub stage: Stage,
    /// In a line.
    pub text: String,
    /// What failed, as the compiler and others say it: the first few.
    pub problems: Vec<String>,
}

/// How it stands now, and whenever that changes. Nothing, where nobody watches the sources.
pub(super) fn followed(work: Option<Receiver<Work>>) -> impl Stream<Item = Work> + Send + use<> {
    // `None`: nothing was told yet. Who comes later is told how it stands.
    let first = work.map(|mut it| {
        it.mark_changed();
        it
    });
    stream::unfold(first, async |work| {
        let mut work = work?;
        // The system that it belongs to has ended.
        work.changed().await.ok()?;
        let now = work.borrow_and_update().clone();
        Some((now, Some(work)))
    })
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::StreamExt as _;
    use tokio::sync::watch;

    use super::*;

    fn work(stage: Stage) -> Work {
        Work { stage, text: String::new(), problems: vec!["error".to_owned()] }
    }

    #[tokio::test]
    async fn who_comes_is_told_how_it_stands_and_then_what_changes() {
        let sender = watch::Sender::new(work(Stage::Working));
        let mut told = pin!(followed(Some(sender.subscribe())));
        assert_eq!(told.next().await, Some(work(Stage::Working)));
        sender.send_replace(work(Stage::Failed));
        assert_eq!(told.next().await, Some(work(Stage::Failed)));
        let mut later = pin!(followed(Some(sender.subscribe())));
        assert_eq!(later.next().await, Some(work(Stage::Failed)));
        drop(sender);
        assert_eq!(told.next().await, None);
        assert_eq!(pin!(followed(None)).next().await, None);
    }

    #[test]
    fn the_page_reads_it_by_these_names() {
        let json = serde_json::to_value(work(Stage::Failed)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({ "stage": "failed", "text": "", "problems": ["error"] })
        );
    }
}
