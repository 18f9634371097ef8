//! Which system is meant, and how it is told.

use clap::Args;
pub use infra_gen::cli::Format;
use infra_gen::config::Environment;

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

    /// How to tell it.
    #[arg(long, value_enum, global = true, default_value_t)]
    pub format: Format,
}
