//! Which system is meant, and how it is told.

use clap::Args;
pub use infra_gen::cli::Format;
use infra_gen::config::Environment;

/// The key that an API may ask callers for. It has no `Display`, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// As it goes into the header.
    pub(crate) fn header(&self) -> &str {
        &self.0
    }
}

impl From<String> for ApiKey {
    fn from(key: String) -> Self {
        ApiKey(key)
    }
}

impl std::str::FromStr for ApiKey {
    type Err = std::convert::Infallible;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        Ok(ApiKey(key.to_owned()))
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

/// Which system, and how it is told.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// The environment.
    #[arg(long, value_enum, global = true, default_value = "dev")]
    pub env: Environment,

    /// Another endpoint than AWS's own, for every service.
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,

    /// Where the API is, if Terraform's state is not to be asked.
    #[arg(long, global = true, value_name = "URL")]
    pub api_url: Option<String>,

    /// What the API asks callers for, if Terraform's state is not to be asked. It is shown nowhere.
    #[arg(long, global = true, env = "DOFS_API_KEY", hide_env_values = true, value_name = "KEY")]
    pub api_key: Option<ApiKey>,

    /// How to tell it.
    #[arg(long, value_enum, global = true, default_value_t)]
    pub format: Format,
}
