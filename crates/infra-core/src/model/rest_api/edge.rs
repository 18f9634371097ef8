//! The responses of API Gateway itself: preflights and errors.

use std::collections::BTreeSet;

use function_contract::{
    http::{ApiError, EXPOSED_HEADERS},
    path::Payload,
};

use super::{Callers, Module, Origin, Parts, RestApiSpec};
use crate::model::{
    expr::{Body, Term},
    stack::attribute,
};

/// A response of API Gateway itself, without a function.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
struct GatewayResponse {
    /// The response type.
    case: &'static str,
    /// The status, if it is not the default of API Gateway.
    status: Option<&'static str>,
    message: Message,
    /// Headers, in addition to those for browsers.
    headers: &'static [(&'static str, &'static str)],
}

impl GatewayResponse {
    /// With signed requests, a request without a signature may have a valid route.
    fn with(&self, callers: Callers) -> GatewayResponse {
        let (status, message) = match (callers, self.status) {
            (Callers::Signed, Some("404")) => (Some("403"), Message::Own),
            _ => (self.status, self.message),
        };
        GatewayResponse { status, message, ..*self }
    }
}

/// The message of a response.
#[derive(Clone, Copy)]
enum Message {
    /// The default message of API Gateway.
    Own,
    /// Another message.
    Text(&'static str),
}

const fn response(case: &'static str, status: &'static str, message: Message) -> GatewayResponse {
    GatewayResponse { case, status: Some(status), message, headers: &[] }
}

const RESPONSES: &[GatewayResponse] = &[
    response("BAD_REQUEST_BODY", "400", Message::Own),
    response("BAD_REQUEST_PARAMETERS", "400", Message::Own),
    // The default is 403, with a message about a token, which this API does not use.
    response("MISSING_AUTHENTICATION_TOKEN", "404", Message::Text("There is no such route.")),
    response("REQUEST_TOO_LARGE", "413", Message::Own),
    response("UNSUPPORTED_MEDIA_TYPE", "415", Message::Own),
    GatewayResponse {
        headers: &[("Retry-After", "1")],
        ..response("THROTTLED", "429", Message::Text("Too many requests. Try again in a second."))
    },
    GatewayResponse {
        headers: &[("Retry-After", "1")],
        ..response("INTEGRATION_TIMEOUT", "504", Message::Own)
    },
    GatewayResponse { case: "DEFAULT_4XX", status: None, message: Message::Own, headers: &[] },
    GatewayResponse { case: "DEFAULT_5XX", status: None, message: Message::Own, headers: &[] },
];

/// The status of a response type, and whether it has the header `Retry-After`.
pub(super) fn in_answers(case: &str, default: u16, callers: Callers) -> (u16, bool) {
    let Some(response) = RESPONSES.iter().find(|it| it.case == case) else {
        return (default, false);
    };
    let status = response.with(callers).status.and_then(|it| it.parse().ok());
    let retry_after = response.headers.iter().any(|(name, _)| *name == "Retry-After");
    (status.unwrap_or(default), retry_after)
}

#[cfg(test)]
pub(super) fn cases() -> impl Iterator<Item = &'static str> {
    RESPONSES.iter().map(|it| it.case)
}

impl Module<'_> {
    /// Adds the preflight method `OPTIONS` of a path, which is answered without a function.
    #[track_caller]
    pub(super) fn add_preflight(
        &mut self,
        parts: &mut Parts,
        place: &str,
        resource: Term,
        methods: &BTreeSet<&'static str>,
        allowed_headers: &str,
        (spec, validator): (&RestApiSpec, &Term),
    ) {
        let origin = spec.origin;
        let name = format!("options_{place}");
        let doc = "Answers the preflight request that a browser sends before it calls from another origin.".to_owned();
        let body = Body::map([
            ("resource_id", resource.clone().into()),
            ("http_method", "OPTIONS".into()),
            // A browser sends the preflight request without credentials.
            ("authorization", "NONE".into()),
            ("request_validator_id", validator.clone().into()),
        ]);
        let method = self.part(parts, "aws_api_gateway_method", &name, doc, body);
        let http_method = attribute(&method, "method", "http_method");
        let here = |more: Vec<(&'static str, Body)>| {
            let fixed = [
                ("resource_id", resource.clone().into()),
                ("http_method", http_method.clone().into()),
            ];
            Body::map(fixed.into_iter().chain(more))
        };

        let status = Body::map([("statusCode", 204_u32.into())]).json();
        let body = here(vec![
            ("type", "MOCK".into()),
            ("request_templates", Body::map([("application/json", status)])),
        ]);
        let doc = "Answers at once.".to_owned();
        let integration = self.part(parts, "aws_api_gateway_integration", &name, doc, body);

        let allowed: Vec<&str> = methods.iter().copied().chain(["OPTIONS"]).collect();
        let headers = [
            ("Access-Control-Allow-Headers", allowed_headers.to_owned()),
            ("Access-Control-Allow-Methods", allowed.join(",")),
            ("Access-Control-Allow-Origin", origin.as_str().to_owned()),
            ("Access-Control-Max-Age", "600".to_owned()),
            ("Vary", "Origin".to_owned()),
        ];
        let parameter = |header: &str| format!("method.response.header.{header}");
        let declared = headers.iter().map(|(header, _)| (parameter(header), Body::from(true)));
        let body =
            here(vec![("status_code", "204".into()), ("response_parameters", Body::map(declared))]);
        let doc = "The headers of the answer.".to_owned();
        let response = self.part(parts, "aws_api_gateway_method_response", &name, doc, body);

        let values = headers.iter().map(|(header, it)| (parameter(header), quoted(it)));
        let body = here(vec![
            ("status_code", attribute(&response, "response", "status_code").into()),
            ("response_parameters", Body::map(values)),
        ]);
        let doc = format!("From where and how a browser may call: {}.", origin.as_str());
        let meta =
            super::Meta { depends_on: BTreeSet::from([integration]), ..super::Meta::default() };
        let body = body.with("rest_api_id", Some(parts.id()));
        let at = self.push("aws_api_gateway_integration_response", &name, doc, body, meta);
        parts.deployed.insert(at);
    }

    /// Adds the error responses of API Gateway itself, in the format of this API, and readable from a browser.
    #[track_caller]
    pub(super) fn add_gateway_responses(
        &mut self,
        parts: &mut Parts,
        origin: Origin,
        callers: Callers,
    ) {
        for response in RESPONSES.iter().map(|it| it.with(callers)) {
            let headers = for_browsers(origin)
                .into_iter()
                .chain(response.headers.iter().copied())
                .map(|(header, value)| (format!("gatewayresponse.header.{header}"), quoted(value)));
            let template = error_template(&response.message);
            let body = Body::map([
                ("response_type", response.case.into()),
                ("response_parameters", Body::map(headers)),
                ("response_templates", Body::map([("application/json", template.into())])),
            ])
            .with("status_code", response.status);
            let name = response.case.to_lowercase();
            let doc = format!("The response of API Gateway itself in the case {}.", response.case);
            self.part(parts, "aws_api_gateway_gateway_response", &name, doc, body);
        }
    }
}

/// The headers that let a script of another origin read a response of API Gateway.
pub(in crate::model) fn for_browsers(origin: Origin) -> [(&'static str, &'static str); 3] {
    [
        ("Access-Control-Allow-Origin", origin.as_str()),
        ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
        ("Vary", "Origin"),
    ]
}

/// A constant in a mapping of API Gateway, which requires single quotes.
fn quoted(text: &str) -> Body {
    format!("'{text}'").into()
}

/// An [`ApiError`] as a template. API Gateway replaces variables in it, and supports no functions. The value of
/// `messageString` includes its quotes.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>
fn error_template(message: &Message) -> String {
    let mut template = String::with_capacity(160);
    for (at, field) in ApiError::WIRE_NAMES.iter().enumerate() {
        template.extend([if at == 0 { "{\"" } else { ",\"" }, field, "\":"]);
        match (*field, message) {
            ("error", _) => template.push_str(r#""$context.error.responseType""#),
            ("message", Message::Text(text)) => template.extend(["\"", text, "\""]),
            ("message", _) => template.push_str("$context.error.messageString"),
            ("problems", _) => template.push_str("[]"),
            ("requestId", _) => template.push_str(r#""$context.requestId""#),
            (other, _) => {
                unreachable!("the error format has a field without a value here: {other}")
            }
        }
    }
    template.push('}');
    template
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_may_read_every_header_of_an_error() {
        let exposed: Vec<_> = EXPOSED_HEADERS.split(',').collect();
        let headers = RESPONSES.iter().flat_map(|it| it.headers);
        assert!(headers.clone().count() > 0);
        headers.for_each(|(name, _)| assert!(exposed.contains(name), "{name}"));
    }

    #[test]
    fn errors_have_the_apis_own_format() {
        fn check(response: &GatewayResponse) {
            let text = error_template(&response.message)
                .replace("$context.error.messageString", "\"Words\"");
            let error: ApiError = serde_json::from_str(&text).unwrap();
            assert_eq!(error.request_id, "$context.requestId", "{}", response.case);
        }
        RESPONSES.iter().for_each(check);
    }
}
