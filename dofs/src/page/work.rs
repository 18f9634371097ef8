//! The progress of changed sources, with `dofs local up --watch`.

use futures::{Stream, stream};
use serde::Serialize;
use tokio::sync::watch::Receiver;

/// The stage of a change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The saved files are deployed.
    #[default]
    Ready,
    /// The change is being built or deployed.
    Working,
    /// It does not compile, breaks a rule, or could not be applied.
    Failed,
}

/// The progress of the last change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Its stage.
    pub stage: Stage,
    /// A description in one line.
    pub text: String,
    /// The first few error messages, such as the compiler's.
    pub problems: Vec<String>,
}

/// Returns a stream of the current progress and its changes. The stream is empty if the sources are not watched.
pub(super) fn followed(work: Option<Receiver<Work>>) -> impl Stream<Item = Work> + Send + use<> {
    // A later listener gets the current progress first.
    let first = work.map(|mut it| {
        it.mark_changed();
        it
    });
    stream::unfold(first, async |work| {
        let mut work = work?;
        // The sender is gone if the system has ended.
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
    async fn a_listener_gets_the_progress_and_then_its_changes() {
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
    fn the_json_has_the_names_that_the_page_reads() {
        let json = serde_json::to_value(work(Stage::Failed)).unwrap();
        assert_eq!(
            json,
            serde_json::json!({ "stage": "failed", "text": "", "problems": ["error"] })
        );
    }
}
