//! Where each environment keeps its state.

use super::PREFIX;
use crate::{config::Config, model::backend::Backend};

/// A bucket for each account and region, an object for each environment.
pub fn backend(config: &Config) -> Backend {
    let (account, region) = (config.account.as_str(), config.region.as_str());
    Backend {
        bucket: format!("{PREFIX}-tfstate-{account}-{region}"),
        key: format!("{PREFIX}/{}/terraform.tfstate", config.environment),
        region,
    }
}
