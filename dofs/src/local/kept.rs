//! What is left of the last run, and whether this one goes on with it.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, ensure};
use infra_gen::config::Environment;
use local_aws::{Account, Emulator, EmulatorError, Saved, Store, StoreError, Tools};

use super::up::Options;
use crate::{
    root::Backend,
    site::option,
    tell::{span, warn},
};

/// What is said where a state cannot be gone on with.
const FRESH: &str =
    "so the system starts fresh, without the orders, messages and tables of the last run";

/// The state of the last run, if there is one that can be loaded.
#[derive(Debug)]
pub(super) struct Kept {
    store: Store,
    last: Option<Saved>,
}

impl Kept {
    /// Looks, and says what is lost.
    ///
    /// # Errors
    ///
    /// Where it can be loaded, but not as this run is wanted.
    pub(super) fn find(
        environment: Environment,
        options: &Options,
        work: &Path,
    ) -> anyhow::Result<Self> {
        let store = Store::at(work.join("kept"));
        // Neither loses anything before this run has something to keep.
        match options.fresh {
            true => store.put_by()?,
            false => store.take_back()?,
        }
        let last = match store.last() {
            Ok(last) => last,
            // It may well be there the next time.
            Err(StoreError::Io(why)) => {
                return Err(why).context(
                    "the saved state of the last run cannot be read\n  fix: solve the following problem, and try again",
                );
            }
            Err(why) => {
                set_aside(&store, &why.to_string())?;
                None
            }
        };
        if let Some(saved) = &last {
            ensure!(
                options.port == 0 || options.port == saved.port,
                "the saved state of {environment} needs the port {}, which is part of the addresses of its queues and \
                 functions\n  fix: omit --port, or delete the saved state: `dofs local up{} --fresh --port {}`",
                saved.port,
                option(environment.as_str()),
                options.port
            );
            if !saved.is_end {
                warn(&format!(
                    "the last run was killed: {environment} continues with the state that was saved {}; later changes \
                     are lost",
                    age(saved.at)
                ));
            }
        }
        Ok(Kept { store, last })
    }

    /// Starts the emulated AWS with it.
    ///
    /// # Errors
    ///
    /// Where it does not start. It starts fresh where what is kept cannot be loaded, or has no state of Terraform where
    /// the root looks for it, and says so.
    pub(super) fn start(
        &mut self,
        tools: &Tools,
        work: &Path,
        account: &Account,
        wanted: u16,
        backend: &Backend,
    ) -> anyhow::Result<Emulator> {
        if let Some(saved) = &self.last {
            let why = match Emulator::start_keeping(tools, work, account, saved.port, &self.store) {
                Err(why @ EmulatorError::Kept { .. }) => why.to_string(),
                Err(why @ EmulatorError::Port { .. }) => {
                    let why = why.to_string();
                    let why = why.split("\n  fix").next().unwrap_or_default().to_owned();
                    return Err(anyhow::anyhow!(why)).context(
                        "the saved state needs a port that another program uses\n  \
                         fix: try again; if the port is still in use, end that program, or delete the saved state \
                         with --fresh",
                    );
                }
                outcome => {
                    let emulator = outcome?;
                    if emulator.bucket(account, &backend.bucket).get(&backend.key)?.is_some() {
                        return Ok(emulator);
                    }
                    format!(
                        "the saved state has no Terraform state at {}/{}, where backend.tf.json looks for it",
                        backend.bucket, backend.key
                    )
                }
            };
            // The emulator that had it has ended.
            set_aside(&self.store, &why)?;
            self.last = None;
        }
        Ok(Emulator::start_keeping(tools, work, account, wanted, &self.store)?)
    }

    /// Whether there is nothing to go on with.
    pub(super) fn is_fresh(&self) -> bool {
        self.last.is_none()
    }
}

/// Says why a state is not gone on with, and where it is from now on.
fn set_aside(store: &Store, why: &str) -> anyhow::Result<()> {
    let aside = store.set_aside()?;
    warn(&format!("{why},\n  {FRESH}; what was saved is in {}", aside.display()));
    Ok(())
}

/// What becomes of an emulator's state when it has ended, however it did.
pub(super) fn after(environment: &str, last: Option<&Saved>) -> String {
    let up = format!("`dofs local up{}`", option(environment));
    match last {
        None => format!("its orders, messages and tables are lost; {up} starts fresh"),
        Some(saved) if saved.is_end => {
            format!(
                "its orders, messages and tables are kept, and {up} continues with them (--fresh deletes them)"
            )
        }
        Some(saved) => format!(
            "{up} continues with the state that was saved {}; later changes are lost (--fresh deletes all of it)",
            age(saved.at)
        ),
    }
}

/// `12 s ago`. A clock that was set back in between counts as now.
fn age(at: SystemTime) -> String {
    let passed = SystemTime::now().duration_since(at).unwrap_or(Duration::ZERO);
    format!("{} ago", span(passed.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_the_orders_is_said() {
        fn check(is_end: Option<bool>, expected: &str) {
            let at = SystemTime::now() - Duration::from_secs(90);
            let last = is_end.map(|is_end| Saved { at, is_end, port: 1 });
            let said = after("staging", last.as_ref());
            assert!(
                said.contains(expected) && said.contains("`dofs local up --env staging`"),
                "{said}"
            );
        }
        check(None, "are lost; ");
        check(Some(true), "are kept, and ");
        check(
            Some(false),
            "continues with the state that was saved 1 min ago; later changes are lost",
        );
    }
}
