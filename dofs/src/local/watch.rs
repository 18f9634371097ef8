//! `dofs local up --watch`: deploys saved files to the running system.
//!
//! - [`Changes`]: runs one round after the other, as long as the system runs. Start here.
//! - `files`: watches for saved files; `sources`: decides what a file affects.
//! - `round`: builds, generates, and deploys; `swap`: replaces the code of functions without Terraform.
//!
//! Files that are saved during a round belong to the next round. A failed round leaves the system unchanged, and the next round
//! also does its work.

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

/// The system to which changes are deployed.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalSystem<'a> {
    pub(super) deployed: &'a Deployed,
    pub(super) options: &'a Options,
    /// The folder with its files.
    pub(super) path: &'a Path,
    /// The progress that the page shows.
    pub(super) work: &'a Sender<Work>,
}

impl LocalSystem<'_> {
    /// Prints a text to the terminal, and shows it on the page.
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

/// The files that are saved after this value was created.
pub(super) struct Changes {
    sources: Sources,
    files: Files,
}

impl Changes {
    /// Watches all source files.
    ///
    /// # Errors
    ///
    /// If there are no source files, or they cannot be watched.
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

    /// Deploys saved files, until the file watcher ends, and returns that error.
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
                format!("changed: {changed}; building {}", owed.asks.names()),
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

    /// Returns what a burst of saves affects. If the list of packages may have changed, it reads the packages again.
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

    /// Returns the first few of the relevant files.
    fn shown(&self, burst: &Burst) -> String {
        let counts = burst.paths.iter().filter(|it| self.sources.asks(it).is_work());
        let (there, gone): (Vec<_>, Vec<_>) = counts.partition(|it| it.exists());
        // Editors write a temporary file and rename it, so missing files are shown only if there are no others.
        let shown = if there.is_empty() { gone } else { there };
        let names: Vec<String> = shown.into_iter().map(|it| self.sources.shown(it)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        match names.is_empty() {
            true => "more than can be listed".to_owned(),
            false => super::applied::listed(&names),
        }
    }
}

/// AWS chooses the address of an API when it creates the API, so a replaced API has another address.
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
    fn the_result_of_a_round_is_described() {
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
