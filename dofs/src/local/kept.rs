//! The saved state of the last run, and whether this run can continue with it.

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

/// The consequence of a state that cannot be used, in a warning.
const FRESH: &str =
    "so the system starts fresh, without the orders, messages and tables of the last run";

/// The saved state of the last run, if it can be loaded.
#[derive(Debug)]
pub(super) struct Kept {
    store: Store,
    last: Option<Saved>,
}

impl Kept {
    /// Looks for a saved state, and warns about losses.
    ///
    /// # Errors
    ///
    /// If the saved state cannot be read, or needs another port than the options.
    pub(super) fn find(
        environment: Environment,
        options: &Options,
        work: &Path,
    ) -> anyhow::Result<Self> {
        let store = Store::at(work.join("kept"));
        // Neither deletes the old state before this run has saved its own.
        match options.fresh {
            true => store.put_by()?,
            false => store.take_back()?,
        }
        let last = match store.last() {
            Ok(last) => last,
            // An error of the operating system may be temporary, so keep the state.
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

    /// Starts the emulated AWS with the saved state.
    ///
    /// # Errors
    ///
    /// If it does not start. If the saved state cannot be loaded, or has no Terraform state at the address in the root's
    /// backend, it starts fresh and warns.
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
            // The emulator that used the state has ended, so its folder can be moved.
            set_aside(&self.store, &why)?;
            self.last = None;
        }
        Ok(Emulator::start_keeping(tools, work, account, wanted, &self.store)?)
    }

    /// Whether there is no saved state to continue with.
    pub(super) fn is_fresh(&self) -> bool {
        self.last.is_none()
    }
}

/// Moves an unusable state aside, and warns with the reason and the new path.
fn set_aside(store: &Store, why: &str) -> anyhow::Result<()> {
    let aside = store.set_aside()?;
    warn(&format!("{why},\n  {FRESH}; what was saved is in {}", aside.display()));
    Ok(())
}

/// Returns a text about the state of an emulator that has ended: what is saved, and what is lost.
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

/// Returns a text such as `12 s ago`. If the clock was set back since, it is `0 s ago`.
fn age(at: SystemTime) -> String {
    let passed = SystemTime::now().duration_since(at).unwrap_or(Duration::ZERO);
    format!("{} ago", span(passed.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_says_whether_the_orders_are_kept() {
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
