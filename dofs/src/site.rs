//! The system that a command uses: the local one, or the one on AWS.

use anyhow::bail;
use infra_gen::config::Environment;

use crate::{local::state::Running, target::Target};

/// The system that a command uses.
#[derive(Debug)]
pub enum Site {
    /// The system that `dofs local up` runs on this machine.
    Local(Box<Running>),
    /// The system on AWS, or at the address of `--endpoint-url`.
    Aws,
}

impl Target {
    /// Returns AWS if the options choose it, otherwise the system that runs on this machine.
    ///
    /// # Errors
    ///
    /// If no system runs on this machine and the options do not choose AWS, or if the local system does not answer. A
    /// command never uses AWS only because the local system has ended.
    pub fn site(&self) -> anyhow::Result<Site> {
        if self.aws || self.endpoint_url.is_some() {
            return Ok(Site::Aws);
        }
        match Running::find(self.env)? {
            Some(running) => {
                running.answers()?;
                Ok(Site::Local(Box::new(running)))
            }
            // `--api-url` chooses a system, too.
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

/// Returns the option ` --env <environment>`, with a leading space, or nothing for the default environment.
pub(crate) fn option(environment: &str) -> String {
    match environment == Environment::Dev.as_str() {
        true => String::new(),
        false => format!(" --env {environment}"),
    }
}
