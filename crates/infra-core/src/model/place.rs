//! The settings that all blocks of a root share: accounts, region, prefix and tags.

use std::collections::BTreeMap;

/// The settings that all blocks of a root share.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The only accounts that the root may be applied to.
    pub accounts: Vec<AccountId>,
    /// The region.
    pub region: Region,
    /// The prefix of every name in AWS: `dofs-prod`.
    pub prefix: String,
    /// The tags of every resource that supports tags.
    pub tags: BTreeMap<String, String>,
}

impl Scope {
    /// The settings of a root of an application, or of one of its environments. Both are in the prefix of the names, and in
    /// the tags, by which a bill is divided.
    pub fn of(
        application: &str,
        environment: Option<&str>,
        account: AccountId,
        region: Region,
    ) -> Self {
        let of = environment.map(|it| ("Environment", it));
        let tags = [("Application", application), ("ManagedBy", "terraform")];
        let tags = tags.into_iter().chain(of).map(|(key, it)| (key.to_owned(), it.to_owned()));
        let prefix: Vec<&str> = [application].into_iter().chain(environment).collect();
        Scope { accounts: vec![account], region, prefix: prefix.join("-"), tags: tags.collect() }
    }

    pub(crate) fn account_ids(&self) -> impl Iterator<Item = &'static str> {
        self.accounts.iter().map(|it| it.as_str())
    }
}

/// The id of an AWS account: twelve digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccountId(&'static str);

impl AccountId {
    /// Use it in a `const` item, where a wrong id does not compile.
    ///
    /// # Panics
    ///
    /// If the text is not twelve digits.
    #[track_caller]
    pub const fn new(digits: &'static str) -> Self {
        let bytes = digits.as_bytes();
        assert!(bytes.len() == 12, "an AWS account id has twelve digits");
        let mut i = 0;
        while i < bytes.len() {
            assert!(bytes[i].is_ascii_digit(), "an AWS account id has only digits");
            i += 1;
        }
        AccountId(digits)
    }

    /// The digits.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// An AWS region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Region {
    /// Mumbai.
    ApSouth1,
    /// Singapore.
    ApSoutheast1,
    /// Frankfurt.
    EuCentral1,
    /// Ireland.
    EuWest1,
    /// Northern Virginia.
    UsEast1,
    /// Oregon.
    UsWest2,
}

impl Region {
    /// The region's code in AWS, such as `eu-central-1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Region::ApSouth1 => "ap-south-1",
            Region::ApSoutheast1 => "ap-southeast-1",
            Region::EuCentral1 => "eu-central-1",
            Region::EuWest1 => "eu-west-1",
            Region::UsEast1 => "us-east-1",
            Region::UsWest2 => "us-west-2",
        }
    }
}
