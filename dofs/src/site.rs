//! Where a command goes.

use anyhow::bail;
use infra_gen::config::Environment;

use crate::{local::state::Running, target::Target};

/// Where a command goes.
#[derive(Debug)]
pub enum Site {
    /// To the system that `dofs local up` keeps on this machine.
    Local(Box<Running>),
    /// To AWS, or to what answers at `--endpoint-url`.
    Aws,
}

impl Target {
    /// Where the command goes: to AWS where that was chosen, else to the system that runs on this machine.
    ///
    /// # Errors
    ///
    /// Where no system runs on this machine and AWS was not chosen, or where that system does not answer:
    /// no command goes to AWS only because something ended here.
    pub fn site(&self) -> anyhow::Result<Site> {
        if self.aws || self.endpoint_url.is_some() {
            return Ok(Site::Aws);
        }
        match Running::find(self.env)? {
            Some(running) => {
                running.answers()?;
                Ok(Site::Local(Box::new(running)))
            }
            // A caller who names another address has chosen.
            None if self.api_url.is_some() => Ok(Site::Aws),
            None => bail!(
                "no local system is running for {env}\n  fix: start one with `dofs local up{option}`, or \
                 choose AWS with `--aws`",
                env = self.env,
                option = option(self.env.as_str()),
            ),
        }
    }
}

/// The option that names an environment, with a blank in front; nothing for the default.
pub(crate) fn option(environment: &str) -> String {
    match environment == Environment::Dev.as_str() {
        true => String::new(),
        false => format!(" --env {environment}"),
    }
}
