//! The account and the region of a caller.

/// An account and a region. The emulator creates an account for each id that callers use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The id of twelve digits. It is also the access key, by which the emulator finds the account of a call.
    pub id: String,
    /// The region, such as `ap-south-1`.
    pub region: String,
}

/// Environment variables for a process. A variable without a value must be unset.
pub type Variables = Vec<(&'static str, Option<String>)>;

/// Variables that a user may have set for the real AWS, and that would lead a client there. `AWS_CA_BUNDLE` is among them because
/// the emulator has no TLS, and a provider that is configured twice fails with custom certificates:
/// `unable to add custom RootCAs HTTPClient`.
const REAL: [&str; 6] = [
    "AWS_CA_BUNDLE",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ROLE_ARN",
];

impl Account {
    /// Returns the variables with which clients of AWS call an endpoint as this account.
    pub fn variables(&self, endpoint: &str) -> Variables {
        let set = [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", &self.id),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", &self.region),
            ("AWS_DEFAULT_REGION", &self.region),
            // Otherwise clients look for an instance role on the network, and wait.
            ("AWS_EC2_METADATA_DISABLED", "true"),
            // These files may contain endpoints, too.
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        let set = set.into_iter().map(|(name, value)| (name, Some(value.to_owned())));
        set.chain(REAL.map(|it| (it, None))).collect()
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.id.len() == 12 && self.id.bytes().all(|it| it.is_ascii_digit())
    }
}
