//! The facts about an API from which its OpenAPI document is rendered.

use function_contract::api::RouteShape;

use super::{Callers, edge};
use crate::model::expr::Address;

/// An API of a stack.
#[derive(Debug, Clone)]
pub(crate) struct DescribedApi {
    /// The API's address.
    pub(crate) address: Address,
    /// The API's name in AWS.
    pub(crate) title: String,
    /// The API's purpose.
    pub(crate) doc: String,
    /// The version of its contract.
    pub(crate) version: &'static str,
    /// Its first stage, which is a part of its URL.
    pub(crate) stage: &'static str,
    /// The region's code.
    pub(crate) region: &'static str,
    pub(crate) callers: Callers,
    /// Whether a firewall is in front of it.
    pub(crate) has_firewall: bool,
    pub(crate) routes: Vec<RouteShape>,
}

/// An error that API Gateway or the firewall answers instead of the function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EdgeError {
    pub(crate) status: u16,
    /// The error code, if only one is possible.
    pub(crate) code: Option<&'static str>,
    pub(crate) doc: &'static str,
    pub(crate) retry_after: bool,
}

/// When API Gateway answers a request to a route itself.
#[derive(Clone, Copy, PartialEq)]
enum When {
    Always,
    /// The route has parameters.
    Parameters,
    /// The route takes a body.
    Body,
    /// Callers need a key.
    Key,
    /// Callers sign their requests.
    Signature,
    Firewall,
}

/// The response types that a route can have, with their default statuses. The response types of authorizers, of
/// validated bodies and of requests without a route are not among them.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
#[rustfmt::skip]
const CASES: &[(&str, u16, When, &str)] = &[
    ("BAD_REQUEST_PARAMETERS", 400, When::Parameters, "A parameter of the path is missing."),
    ("INVALID_API_KEY", 403, When::Key, "The header x-api-key is missing, or its key is not valid."),
    ("ACCESS_DENIED", 403, When::Signature, "The caller has no permission."),
    ("EXPIRED_TOKEN", 403, When::Signature, "The caller's credentials have expired."),
    ("INVALID_SIGNATURE", 403, When::Signature, "The signature is not valid."),
    ("MISSING_AUTHENTICATION_TOKEN", 403, When::Signature, "The request is not signed."),
    ("WAF_FILTERED", 403, When::Firewall, "The firewall blocks the request."),
    ("REQUEST_TOO_LARGE", 413, When::Body, "The body is too large."),
    ("QUOTA_EXCEEDED", 429, When::Key, "The key has used up its requests of the day."),
    ("THROTTLED", 429, When::Always, "Too many requests. Try again in a second."),
];

/// Errors of the server, and whether they have the header `Retry-After`. Their codes are those of API Gateway, which does
/// not document all of them.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html>
const SERVER_ERRORS: &[(u16, bool, &str)] = &[
    (500, false, "API Gateway failed."),
    (502, false, "The function failed, or its answer is not valid."),
    (504, false, "API Gateway could not call the function."),
    (504, true, "The function did not answer in time."),
];

impl DescribedApi {
    /// The errors that a route can have without the function's doing.
    pub(crate) fn edge_errors(&self, route: &RouteShape) -> Vec<EdgeError> {
        let applies = |when: When| match when {
            When::Always => true,
            When::Parameters => !route.parameters.is_empty(),
            When::Body => route.body.is_some(),
            When::Key => self.callers.asks_for_a_key(),
            When::Signature => self.callers == Callers::Signed,
            When::Firewall => self.has_firewall,
        };
        let cases = CASES.iter().filter(|it| applies(it.2)).map(|(case, status, _, doc)| {
            let (status, retry_after) = edge::in_answers(case, *status, self.callers);
            EdgeError { status, code: Some(case), doc, retry_after }
        });
        let server = SERVER_ERRORS.iter().map(|&(status, retry_after, doc)| EdgeError {
            status,
            code: None,
            doc,
            retry_after,
        });
        cases.chain(server).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Response types that a request of a route never has.
    const NEVER: &[&str] = &["BAD_REQUEST_BODY", "UNSUPPORTED_MEDIA_TYPE"];

    #[test]
    fn every_response_of_the_edge_is_in_the_document() {
        for case in edge::cases() {
            let known = CASES.iter().any(|it| it.0 == case) || NEVER.contains(&case);
            let server = case.ends_with("5XX") || case == "INTEGRATION_TIMEOUT";
            // Other response types have the format of this one.
            assert!(known || server || case == "DEFAULT_4XX", "{case}");
        }
    }
}
