//! Ctrl-C: whatever is under way comes to a clean end, and says how far it got.

use std::process::ExitCode;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Whether somebody wants it to end.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// What a command that was ended answers: as shells do for Ctrl-C.
    pub const CODE: u8 = 130;

    /// Listens for Ctrl-C. The second one ends the program at once.
    pub fn listen() -> Self {
        let (asked, interrupt) = Self::by_hand();
        tokio::spawn(async move {
            asked_to_end().await;
            asked.send_replace(true);
            asked_to_end().await;
            std::process::exit(Self::CODE.into());
        });
        interrupt
    }

    /// Nobody wants it to end.
    pub fn never() -> Self {
        Self::by_hand().1
    }

    /// Ends what has the second when `true` is sent into the first.
    pub fn by_hand() -> (watch::Sender<bool>, Self) {
        let (asked, receiver) = watch::channel(false);
        (asked, Interrupt(receiver))
    }

    /// Whether it should end.
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it should end.
    pub async fn wait(&self) {
        // Where the other side is gone, nobody asks any more.
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending().await
        }
    }

    /// What `work` comes to, or `None` where it should end before.
    pub async fn unless<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            outcome = work => Some(outcome),
            () = self.wait() => None,
        }
    }

    /// The exit code of a command that got so far.
    pub(crate) fn code(&self, good: bool) -> ExitCode {
        match (self.asked(), good) {
            (true, _) => ExitCode::from(Self::CODE),
            (false, true) => ExitCode::SUCCESS,
            (false, false) => ExitCode::FAILURE,
        }
    }
}

/// The error of a command that a signal ended before it did anything. Its exit code is [`Interrupt::CODE`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Ended(pub &'static str);

/// Waits until somebody wants it to end.
pub(crate) async fn asked_to_end() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            // Without it, Ctrl-C still ends it.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_ends_when_it_should() {
        async fn check(asked: bool, expected: Option<i32>) {
            let (sender, interrupt) = Interrupt::by_hand();
            sender.send_replace(asked);
            let work = async {
                tokio::task::yield_now().await;
                match asked {
                    true => std::future::pending().await,
                    false => 1,
                }
            };
            assert_eq!(interrupt.unless(work).await, expected);
            assert_eq!(interrupt.asked(), asked);
        }
        check(false, Some(1)).await;
        check(true, None).await;
        assert_eq!(Interrupt::never().unless(async { 2 }).await, Some(2));
    }
}
