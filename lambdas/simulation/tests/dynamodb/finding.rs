//! The differences, and the accepted ones.

use serde::Deserialize;

/// A request that the two answer differently.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "a test that fails shows the sequence and the request")]
pub(crate) struct Finding {
    /// The operation, such as `PutItem`.
    pub(crate) operation: String,
    /// The variation of the request. `as made` for a request of the system.
    pub(crate) what: String,
    /// The answer of the simulated DynamoDB.
    pub(crate) simulated: String,
    /// The answer of the second one.
    pub(crate) second: String,
    /// The sequence.
    pub(crate) seed: u64,
    /// The request.
    pub(crate) request: String,
}

impl Finding {
    /// The values by which a finding is accepted.
    pub(crate) fn kind(&self) -> [&str; 4] {
        [&self.operation, &self.what, &self.simulated, &self.second]
    }
}

/// A difference in which the simulation behaves as the page of AWS says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    operation: String,
    what: String,
    simulated: String,
    second: String,
    reason: String,
    page: String,
}

impl Accepted {
    fn is(&self, found: &Finding) -> bool {
        let Accepted { operation, what, simulated, second, reason: _, page: _ } = self;
        found.kind() == [operation, what, simulated, second]
    }
}

/// The accepted differences.
pub(crate) fn accepted() -> Vec<Accepted> {
    serde_json::from_str(include_str!("accepted.json")).unwrap()
}

/// The findings that are not accepted, and the accepted differences that are not found.
pub(crate) fn differences<'a>(
    found: &'a [Finding],
    accepted: &'a [Accepted],
) -> (Vec<&'a Finding>, Vec<&'a Accepted>) {
    let open = found.iter().filter(|it| !accepted.iter().any(|known| known.is(it)));
    let idle = accepted.iter().filter(|known| !found.iter().any(|it| known.is(it)));
    (open.collect(), idle.collect())
}

#[test]
fn an_accepted_difference_has_a_reason_and_a_page_of_aws() {
    for it in accepted() {
        assert!(it.reason.len() > 30, "{it:?}");
        assert!(it.page.starts_with("https://docs.aws.amazon.com/"), "{it:?}");
    }
}
