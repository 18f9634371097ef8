//! The configuration of the pipeline.

use super::{AccountId, Email, LogRetention, Region};
use infra_core::model::function::Architecture;

pub use infra_core::model::delivery::github::Repository;

/// The configuration of a pipeline.
#[derive(Debug)]
pub struct Delivery {
    /// Its account. The pipeline has an account of its own, so that roles that deploy to an environment cannot
    /// change the pipeline.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The architecture of the builds. They build the functions, so it is that of the functions.
    pub architecture: Architecture,
    /// The repository of the source.
    pub repository: Repository,
    /// The branch that is deployed.
    pub branch: &'static str,
    /// How long logs of builds are kept.
    pub log_retention: LogRetention,
    /// The addresses that get emails about failures and waiting approvals.
    pub emails: &'static [Email],
}

/// The pipeline of this repository.
pub const DELIVERY: Delivery = Delivery {
    account: AccountId::new("444444444444"),
    region: Region::ApSouth1,
    architecture: Architecture::X86_64,
    repository: Repository::new("dofs-example/dofs"),
    branch: "main",
    log_retention: LogRetention::days(90),
    emails: &[Email::new("delivery@dofs.example")],
};
