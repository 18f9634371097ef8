//! `dofs local up --watch`: what is saved is brought into the system that runs.
//!
//! - [`Changes`]: one round after the other, for as long as the system is up. Start here.
//! - `files`: what was saved; `sources`: what that asks for.
//! - `round`: builds, generates, and brings it in; `swap`: other code for a function, at once.
//!
//! What is saved during a round is the next round. A round that fails leaves the system as it was, and what it had to
//! do is left to the next one.

mod files;
mod round;
mod sources;
mod swap;

use std::path::Path;

use anyhow::{anyhow, bail};
use tokio::sync::watch::Sender;

use self::{
    files::{Burst, Files},
    round::{Done, Owed, Problem},
    sources::{Asks, Sources},
};
use super::{deployed::Deployed, functions, up::Options};
use crate::{
    page::{Stage, Work},
    tell::warn,
};

/// The system that changes go into.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalSystem<'a> {
    pub(super) deployed: &'a Deployed,
    pub(super) options: &'a Options,
    /// Where its files lie.
    pub(super) path: &'a Path,
    /// What the page shows.
    pub(super) work: &'a Sender<Work>,
}

impl LocalSystem<'_> {
    /// Says it in the terminal, and shows it on the page.
    fn says(&self, stage: Stage, text: String, problems: Vec<String>) {
        warn(&text);
        self.shows(stage, text, problems);
    }

    fn failed(&self, problem: &Problem) {
        self.says(Stage::Failed, problem.what.clone(), problem.texts.clone());
    }

    fn shows(&self, stage: Stage, text: String, problems: Vec<String>) {
        self.work.send_replace(Work { stage, text, problems });
    }
}

/// What is saved, from the moment on at which this is made.
pub(super) struct Changes {
    sources: Sources,
    files: Files,
}

impl Changes {
    /// Watches everything that is built from.
    ///
    /// # Errors
    ///
    /// Where there are no sources, or they cannot be watched.
    pub(super) async fn watch() -> anyhow::Result<Self> {
        if let Some(built) = functions::built_elsewhere() {
            bail!(
                "--watch cannot build the functions, because {} names a folder of built ones: {}\n  \
                 fix: unset that variable, or omit --watch",
                functions::BUILT,
                built.display()
            );
        }
        let sources = Sources::read().await?;
        let files = Files::of(&sources)?;
        Ok(Changes { sources, files })
    }

    /// Brings in what is saved, until nothing more can be noticed, and says why.
    pub(super) async fn bring_in(mut self, local: &LocalSystem<'_>) -> anyhow::Error {
        local.says(
            Stage::Ready,
            "watching the functions and the topology for changes".to_owned(),
            Vec::new(),
        );
        let mut owed = Owed::default();
        loop {
            let Some(burst) = self.files.next().await else {
                return anyhow!("the file watcher has stopped\n  fix: start the system again");
            };
            let asks = match self.asked(&burst).await {
                Ok(asks) => asks,
                Err(why) => {
                    owed.asks = Asks::all();
                    local.failed(&Problem::of(
                        "the workspace cannot be read; the running system is unchanged",
                        &format!("{why:#}"),
                    ));
                    continue;
                }
            };
            if asks.restart {
                warn("the source of dofs has changed; the next `dofs local up` uses the change");
            }
            if !asks.is_work() {
                continue;
            }
            let is_mended = owed.asks.is_work();
            owed.asks |= asks;
            let changed = self.shown(&burst);
            local.says(
                Stage::Working,
                format!("changed: {changed}; building {}", owed.asks.told()),
                Vec::new(),
            );
            match round::run(&mut owed, local).await {
                Ok(done) => {
                    let seconds = burst.began.elapsed().as_secs_f64();
                    local.says(Stage::Ready, told(&done, is_mended, seconds), Vec::new());
                    if let Done::ApiMoved = done {
                        warn(API_MOVED);
                    }
                }
                Err(problem) => local.failed(&problem),
            }
        }
    }

    /// What a burst asks for. Where the packages may be other ones, they are read again.
    async fn asked(&mut self, burst: &Burst) -> anyhow::Result<Asks> {
        let mut asks = if burst.is_part { Asks::all() } else { Asks::default() };
        for path in &burst.paths {
            asks |= self.sources.asks(path);
        }
        if asks.packages {
            self.sources = Sources::read().await?;
            self.files.watch(&self.sources)?;
        }
        Ok(asks)
    }

    /// The first few of the files that count.
    fn shown(&self, burst: &Burst) -> String {
        let counts = burst.paths.iter().filter(|it| self.sources.asks(it).is_work());
        let (there, gone): (Vec<_>, Vec<_>) = counts.partition(|it| it.exists());
        // What an editor wrote before it renamed it is gone; only where nothing else is, something was deleted.
        let shown = if there.is_empty() { gone } else { there };
        let names: Vec<String> = shown.into_iter().map(|it| self.sources.shown(it)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.is_empty() {
            true => "more than can be listed".to_owned(),
            false => super::applied::listed(&names),
        }
    }
}

/// The address of an API is made with it, so it is another one where Terraform had to replace the API.
const API_MOVED: &str = "Terraform replaced the API, which has another address now\n  fix: run `dofs local down`, then \
                         `dofs local up --watch`; the orders are kept";

fn told(done: &Done, is_mended: bool, seconds: f64) -> String {
    let what = match done {
        Done::Nothing => "the running system needs no change".to_owned(),
        Done::Swapped(functions) => {
            let verb = if functions.len() == 1 { "runs" } else { "run" };
            format!("{} {verb} the new code", functions.join(", "))
        }
        Done::Applied | Done::ApiMoved => "Terraform applied all changes".to_owned(),
    };
    let mended = if is_mended { "fixed: " } else { "" };
    format!("{mended}{what}, {seconds:.1} s after the save")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_said() {
        fn check(done: &Done, is_mended: bool, expected: &str) {
            assert_eq!(told(done, is_mended, 2.34), expected);
        }
        check(&Done::Nothing, false, "the running system needs no change, 2.3 s after the save");
        check(
            &Done::Swapped(vec!["validator"]),
            true,
            "fixed: validator runs the new code, 2.3 s after the save",
        );
        check(
            &Done::Swapped(vec!["api_handler", "validator"]),
            false,
            "api_handler, validator run the new code, 2.3 s after the save",
        );
        check(&Done::Applied, false, "Terraform applied all changes, 2.3 s after the save");
    }
}
