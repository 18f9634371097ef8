//! Ctrl-C and SIGTERM: a command stops its work, and reports how far it got.

use std::process::ExitCode;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Whether Ctrl-C or SIGTERM has asked the command to end.
#[derive(Debug, Clone)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// The exit code after a signal: 128 + SIGINT, as in shells.
    pub const CODE: u8 = 130;

    /// Listens for signals. The second one ends the program at once.
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

    /// Returns one that is never interrupted.
    pub fn never() -> Self {
        Self::by_hand().1
    }

    /// Returns a sender and the interrupt that it controls: sending `true` interrupts.
    pub fn by_hand() -> (watch::Sender<bool>, Self) {
        let (asked, receiver) = watch::channel(false);
        (asked, Interrupt(receiver))
    }

    /// Whether the command has to end.
    pub fn asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the command has to end.
    pub async fn wait(&self) {
        // Without the sender, no interrupt can come.
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending().await
        }
    }

    /// Returns the result of `work`, or `None` if an interrupt comes first.
    pub async fn unless<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            outcome = work => Some(outcome),
            () = self.wait() => None,
        }
    }

    /// Returns the exit code of a command.
    pub(crate) fn code(&self, good: bool) -> ExitCode {
        match (self.asked(), good) {
            (true, _) => ExitCode::from(Self::CODE),
            (false, true) => ExitCode::SUCCESS,
            (false, false) => ExitCode::FAILURE,
        }
    }
}

/// The error of a command that a signal ended before it changed anything. Its exit code is [`Interrupt::CODE`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Ended(pub &'static str);

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn asked_to_end() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => drop(terminate.recv().await),
            // Without a handler for SIGTERM, Ctrl-C still works.
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
    async fn an_interrupt_ends_work() {
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
