//! Where each root keeps its state.

use super::PREFIX;
use crate::{
    config::{AccountId, Config, Region, delivery::DELIVERY},
    model::backend::Backend,
};

/// An environment's: a bucket for each account and region, an object for each environment.
pub fn backend(config: &Config) -> Backend {
    within(config.account, config.region, config.environment.as_str())
}

/// The pipeline's.
pub fn cicd_backend() -> Backend {
    within(DELIVERY.account, DELIVERY.region, "cicd")
}

/// The bucket of the pipeline's artifacts.
pub(super) fn artifacts_bucket() -> String {
    format!("{PREFIX}-artifacts-{}-{}", DELIVERY.account.as_str(), DELIVERY.region.as_str())
}

/// That of the root which makes the bucket. It moves in once the bucket is there.
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
