//! The backend of each root: where Terraform keeps its state.

use super::PREFIX;
use infra_core::model::backend::Backend;

use crate::config::{AccountId, Config, Region, delivery::DELIVERY};

/// The backend of an environment: a bucket for each account and region, and an object for each environment.
pub fn backend(config: &Config) -> Backend {
    within(config.account, config.region, config.environment.as_str())
}

/// The backend of the pipeline.
pub fn cicd_backend() -> Backend {
    within(DELIVERY.account, DELIVERY.region, "cicd")
}

/// The name of the bucket for the pipeline's artifacts.
pub(super) fn artifacts_bucket() -> String {
    format!("{PREFIX}-artifacts-{}-{}", DELIVERY.account.as_str(), DELIVERY.region.as_str())
}

/// The backend of the root that creates the bucket. Its state moves into the bucket after the first apply.
pub(super) fn bootstrap_backend(account: AccountId, region: Region) -> Backend {
    within(account, region, "bootstrap")
}

fn within(account: AccountId, region: Region, root: &str) -> Backend {
    Backend {
        bucket: format!("{PREFIX}-tfstate-{}-{}", account.as_str(), region.as_str()),
        key: format!("{PREFIX}/{root}/terraform.tfstate"),
        region: region.as_str(),
    }
}
