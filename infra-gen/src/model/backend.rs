//! Where Terraform keeps its state, and with what it runs.

/// The provider that everything is checked against.
pub const PROVIDER_VERSION: &str = "5.100.0";
/// What the generated roots ask for.
pub const REQUIRED_PROVIDER: &str = "~> 5.100";
/// S3 lock files came with 1.10.
pub const REQUIRED_TERRAFORM: &str = ">= 1.10";

/// An S3 backend. A backend takes no variables, so its names are concrete.
///
/// <https://developer.hashicorp.com/terraform/language/backend/s3>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The bucket: one for each account and region.
    pub bucket: String,
    /// The object: one for each environment.
    pub key: String,
    /// The bucket's region.
    pub region: &'static str,
}
