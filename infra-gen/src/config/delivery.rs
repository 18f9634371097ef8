//! Where the pipeline runs, and what it delivers.

use super::{AccountId, Email, LogRetention, Region};
use crate::model::function::Architecture;

pub use crate::model::delivery::github::Repository;

/// The pipeline's choices.
#[derive(Debug)]
pub struct Delivery {
    /// The account it runs in: one of its own, so that nobody who deploys to an environment can
    /// change the pipeline.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// What builds run on. The functions are built there, so it is theirs.
    pub architecture: Architecture,
    /// Where the source is.
    pub repository: Repository,
    /// What is deployed.
    pub branch: &'static str,
    /// How long logs of builds are kept.
    pub log_retention: LogRetention,
    /// Who is mailed by the pipeline: what failed, and what waits to be approved.
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
