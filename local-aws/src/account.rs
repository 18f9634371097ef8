//! Whom the emulator takes a caller for.

/// An account and a region. The emulator has as many accounts as callers name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits. They are the access key as well: so the emulator knows whose call it is.
    pub id: String,
    /// As AWS writes it: `ap-south-1`.
    pub region: String,
}

/// Variables for a process, by name. What has no value must not be set.
pub type Variables = Vec<(&'static str, Option<String>)>;

/// What a user may have set for the real AWS, and what would lead a client there. The emulator speaks no TLS, and a
/// provider that is configured a second time fails with certificates of its own:
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
    /// What clients of AWS need to call an endpoint as this account. What has no value must not be
    /// set.
    pub fn variables(&self, endpoint: &str) -> Variables {
        let set = [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", &self.id),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", &self.region),
            ("AWS_DEFAULT_REGION", &self.region),
            // Else clients ask the network for a machine's own role, and wait.
            ("AWS_EC2_METADATA_DISABLED", "true"),
            // Endpoints may stand there, too.
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
