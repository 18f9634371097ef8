//! The backend of Terraform's state, and the supported releases of Terraform and the AWS provider.

use std::fmt;

use crate::violation::Violation;

/// A supported release of the AWS provider. Its schema is vendored, and every block is checked with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderRelease {
    /// Its version.
    pub version: &'static str,
    /// The hashes of its packages for the lock files. `zh` is the hash of a platform's archive, from the release's
    /// signed list of checksums. `h1` is the hash of an archive's content, for the platforms that builds run on;
    /// Terraform accepts a package from a mirror or a cache only by `h1`. Empty for a release that was only checked,
    /// and not run.
    /// <https://developer.hashicorp.com/terraform/language/files/dependency-lock#new-provider-package-checksums>
    pub hashes: &'static [&'static str],
}

/// Every supported release, the oldest first. To add one, add it here, add its file in `check/provider/vendored.rs`,
/// and run `infra-gen schema --release VERSION`.
///
/// To run a newer one, add the hashes that `terraform providers lock` prints. The lock files, the tests and `dofs` then
/// use it.
pub const PROVIDER_RELEASES: &[ProviderRelease] = &[
    ProviderRelease {
        version: "5.100.0",
        hashes: &[
            // Windows, macOS on Arm, Linux on x86-64.
            "h1:H3mU/7URhP0uCRGK8jeQRKxx2XFzEqLiOq/L2Bbiaxs=",
            "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
            "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",
            "zh:054b8dd49f0549c9a7cc27d159e45327b7b65cf404da5e5a20da154b90b8a644",
            "zh:0b97bf8d5e03d15d83cc40b0530a1f84b459354939ba6f135a0086c20ebbe6b2",
            "zh:1589a2266af699cbd5d80737a0fe02e54ec9cf2ca54e7e00ac51c7359056f274",
            "zh:6330766f1d85f01ae6ea90d1b214b8b74cc8c1badc4696b165b36ddd4cc15f7b",
            "zh:7c8c2e30d8e55291b86fcb64bdf6c25489d538688545eb48fd74ad622e5d3862",
            "zh:99b1003bd9bd32ee323544da897148f46a527f622dc3971af63ea3e251596342",
            "zh:9b12af85486a96aedd8d7984b0ff811a4b42e3d88dad1a3fb4c0b580d04fa425",
            "zh:9f8b909d3ec50ade83c8062290378b1ec553edef6a447c56dadc01a99f4eaa93",
            "zh:aaef921ff9aabaf8b1869a86d692ebd24fbd4e12c21205034bb679b9caf883a2",
            "zh:ac882313207aba00dd5a76dbd572a0ddc818bb9cbf5c9d61b28fe30efaec951e",
            "zh:bb64e8aff37becab373a1a0cc1080990785304141af42ed6aa3dd4913b000421",
            "zh:dfe495f6621df5540d9c92ad40b8067376350b005c637ea6efac5dc15028add4",
            "zh:f0ddf0eaf052766cfe09dea8200a946519f653c384ab4336e2a4a64fdd6310e9",
            "zh:f1b7e684f4c7ae1eed272b6de7d2049bb87a0275cb04dbb7cda6636f600699c9",
            "zh:ff461571e3f233699bf690db319dfe46aec75e58726636a0d97dd9ac6e32fb70",
        ],
    },
    ProviderRelease { version: "6.0.0", hashes: &[] },
    ProviderRelease { version: "6.69.1", hashes: &[] },
];

/// The range of releases that the generated roots accept.
pub const REQUIRED_PROVIDER: ProviderRange = ProviderRange::over(PROVIDER_RELEASES);

/// The release in the lock files, which the tests and `dofs` run: the newest one with hashes.
pub const PROVIDER: ProviderRelease = newest_with_hashes(PROVIDER_RELEASES);

/// The version of [`PROVIDER`].
pub const PROVIDER_VERSION: &str = PROVIDER.version;

const fn newest_with_hashes(releases: &[ProviderRelease]) -> ProviderRelease {
    let mut i = releases.len();
    while i > 0 {
        i -= 1;
        if !releases[i].hashes.is_empty() {
            return releases[i];
        }
    }
    panic!("no release of the provider has hashes, so none can be locked")
}

/// A range of releases, including the first and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderRange {
    oldest: &'static str,
    newest: &'static str,
}

impl ProviderRange {
    /// The range from the first to the last.
    ///
    /// Within a major version, a provider only adds arguments. So a block that two releases accept is accepted by all
    /// releases between them. A new major version removes arguments in its first release, so that one must be in the
    /// list.
    /// <https://developer.hashicorp.com/terraform/plugin/best-practices/versioning>
    ///
    /// Use it in a `const` item, where a list with a gap does not compile.
    ///
    /// # Panics
    ///
    /// If a release is not newer than the one before it, or if the list has a major version without its first release.
    pub const fn over(releases: &[ProviderRelease]) -> Self {
        assert!(!releases.is_empty(), "no release of the provider is checked");
        let mut i = 1;
        while i < releases.len() {
            let (before, this) = (numbers(releases[i - 1].version), numbers(releases[i].version));
            let newer = this[1] > before[1] || this[1] == before[1] && this[2] > before[2];
            let same_major = this[0] == before[0] && newer;
            let first_of_next = this[0] == before[0] + 1 && this[1] == 0 && this[2] == 0;
            assert!(
                same_major || first_of_next,
                "the first release of one of the provider's major versions was not checked"
            );
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

/// The three numbers of a version such as `5.100.0`.
const fn numbers(version: &str) -> [u32; 3] {
    let (version, mut numbers, mut at, mut i) = (version.as_bytes(), [0; 3], 0, 0);
    while i < version.len() {
        match version[i] {
            b'.' => at += 1,
            digit @ b'0'..=b'9' => numbers[at] = numbers[at] * 10 + (digit - b'0') as u32,
            _ => panic!("a version has three numbers"),
        }
        i += 1;
    }
    assert!(at == 2, "a version has three numbers");
    numbers
}

/// The accepted releases of Terraform: 1.10 introduced lock files in S3.
pub const REQUIRED_TERRAFORM: &str = ">= 1.10";

/// An S3 backend. Terraform allows no variables in a backend, so its values are literals.
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

impl Backend {
    /// The violation, if the object does not have the name of the root. A state of another root, or a new and empty one,
    /// would let Terraform create everything again.
    pub(crate) fn violation(&self, root: &str) -> Option<Violation> {
        let name = root.split('/').next().unwrap_or(root);
        (!self.key.split('/').any(|it| it == name)).then(|| {
            Violation::new(
                "backend/key",
                format!("generated/{root}"),
                format!("its state is at {}, which is not named after this root", self.key),
                format!("name the object after the root, such as dofs/{name}/terraform.tfstate"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn release(version: &'static str) -> ProviderRelease {
        ProviderRelease { version, hashes: &[] }
    }

    const FIRST: ProviderRelease = release("5.99.0");
    const SECOND: ProviderRelease = release("5.100.0");
    const MAJOR: ProviderRelease = release("6.0.0");
    const LATER: ProviderRelease = release("6.2.1");

    #[test]
    fn a_state_is_named_after_its_root() {
        fn check(root: &str, key: &str, is_right: bool) {
            let backend = Backend { bucket: String::new(), key: key.to_owned(), region: "r" };
            assert_eq!(backend.violation(root).is_none(), is_right, "{root} {key}");
        }
        check("dev", "dofs/dev/terraform.tfstate", true);
        check("bootstrap/dev-staging", "dofs/bootstrap/terraform.tfstate", true);
        check("dev", "dofs/prod/terraform.tfstate", false);
        check("dev", "dofs/device/terraform.tfstate", false);
        check("bootstrap/dev", "dofs/dev/terraform.tfstate", false);
    }

    #[test]
    fn a_range_goes_from_the_oldest_release_that_is_checked_to_the_newest() {
        let range = |releases: &[ProviderRelease]| ProviderRange::over(releases).to_string();
        assert_eq!(range(&[FIRST]), "5.99.0");
        assert_eq!(range(&[FIRST, SECOND]), ">= 5.99.0, <= 5.100.0");
        assert_eq!(range(&[SECOND, MAJOR, LATER]), ">= 5.100.0, <= 6.2.1");
        assert_eq!(REQUIRED_PROVIDER.to_string(), ">= 5.100.0, <= 6.69.1");
    }

    #[test]
    #[should_panic = "was not checked"]
    fn another_major_version_is_checked_from_its_first_release() {
        let _ = ProviderRange::over(&[SECOND, LATER]);
    }

    #[test]
    #[should_panic = "was not checked"]
    fn releases_in_the_wrong_order_are_not_a_range() {
        let _ = ProviderRange::over(&[SECOND, FIRST]);
    }

    #[test]
    fn the_lock_files_have_the_newest_release_with_hashes() {
        let run = ProviderRelease { version: "6.1.0", hashes: &["h1:a"] };
        assert_eq!(newest_with_hashes(&[FIRST, run, LATER]), run);
        assert_eq!(PROVIDER_VERSION, "5.100.0");
    }
}
