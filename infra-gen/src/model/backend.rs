//! Where Terraform keeps its state, and with what it runs.

use std::fmt;

/// A release of the AWS provider whose schema is vendored, so that everything is checked against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderRelease {
    /// Its version.
    pub version: &'static str,
    /// The release that came just before it, if it is to be in the range as well.
    pub after: Option<&'static str>,
}

/// Every release that is checked, the oldest first. To take one more: name it here, its file in
/// `check/provider/vendored.rs`, and run `infra-gen schema`.
pub const PROVIDER_RELEASES: &[ProviderRelease] =
    &[ProviderRelease { version: "5.100.0", after: None }];

/// What the generated roots ask for: no release that was not checked.
pub const REQUIRED_PROVIDER: ProviderRange = ProviderRange::over(PROVIDER_RELEASES);

/// The newest of them: what the tests and the operator's command run.
pub const PROVIDER_VERSION: &str = REQUIRED_PROVIDER.newest;

/// Releases in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderRange {
    oldest: &'static str,
    newest: &'static str,
}

impl ProviderRange {
    /// The range from the first to the last. Meant for a `const` item: there, a gap does not
    /// compile.
    ///
    /// # Panics
    ///
    /// Where a release does not follow upon the one in front of it: what lies between would be in
    /// the range, and nobody checked it.
    pub const fn over(releases: &[ProviderRelease]) -> Self {
        assert!(!releases.is_empty(), "no release of the provider is checked");
        let mut i = 1;
        while i < releases.len() {
            let follows = match releases[i].after {
                Some(after) => same(after, releases[i - 1].version),
                None => false,
            };
            assert!(follows, "a release between two of the provider's was not checked");
            i += 1;
        }
        ProviderRange { oldest: releases[0].version, newest: releases[releases.len() - 1].version }
    }
}

impl fmt::Display for ProviderRange {
    /// <https://developer.hashicorp.com/terraform/language/expressions/version-constraints>
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.oldest == self.newest {
            true => f.write_str(self.oldest),
            false => write!(f, ">= {}, <= {}", self.oldest, self.newest),
        }
    }
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut i = 0;
    while i < one.len() && i < other.len() && one[i] == other[i] {
        i += 1;
    }
    i == one.len() && i == other.len()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: ProviderRelease = ProviderRelease { version: "5.99.0", after: Some("5.98.0") };
    const SECOND: ProviderRelease = ProviderRelease { version: "5.99.1", after: Some("5.99.0") };
    const FOURTH: ProviderRelease = ProviderRelease { version: "5.100.1", after: Some("5.100.0") };

    #[test]
    fn a_range_is_named_where_every_release_in_it_is_checked() {
        let range = |releases: &[ProviderRelease]| ProviderRange::over(releases).to_string();
        assert_eq!(range(&[FIRST]), "5.99.0");
        assert_eq!(range(&[FIRST, SECOND]), ">= 5.99.0, <= 5.99.1");
        assert_eq!(REQUIRED_PROVIDER.to_string(), "5.100.0");
    }

    #[test]
    #[should_panic = "was not checked"]
    fn a_gap_is_no_range() {
        let _ = ProviderRange::over(&[FIRST, SECOND, FOURTH]);
    }

    #[test]
    #[should_panic = "was not checked"]
    fn an_order_that_is_wrong_is_no_range() {
        let _ = ProviderRange::over(&[SECOND, FIRST]);
    }
}
