//! What API Gateway answers by itself: preflights and errors.

use std::collections::BTreeSet;

use contracts::{api::ApiError, path::Payload};

use super::{Module, Parts};
use crate::{
    config::Origin,
    model::{
        expr::{Body, Term},
        stack::attribute,
    },
};

/// Headers that a browser may send.
const HEADERS: &str = "Content-Type,Idempotency-Key";

/// What API Gateway answers where no function is asked: its own name for the case, the status, and
/// what the message says beyond API Gateway's own words.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
const RESPONSES: &[(&str, Option<&str>)] = &[
    ("BAD_REQUEST_BODY", Some("400")),
    ("BAD_REQUEST_PARAMETERS", Some("400")),
    // A route that does not exist: by itself API Gateway says 403.
    ("MISSING_AUTHENTICATION_TOKEN", Some("404")),
    ("REQUEST_TOO_LARGE", Some("413")),
    ("UNSUPPORTED_MEDIA_TYPE", Some("415")),
    ("THROTTLED", Some("429")),
    ("INTEGRATION_TIMEOUT", Some("504")),
    ("DEFAULT_4XX", None),
    ("DEFAULT_5XX", None),
];

impl Module<'_> {
    /// `OPTIONS` of a path, answered without a function.
    #[track_caller]
    pub(super) fn add_preflight(
        &mut self,
        parts: &mut Parts,
        place: &str,
        resource: Term,
        methods: &BTreeSet<&'static str>,
        origin: Origin,
    ) {
        let name = format!("options_{place}");
        let doc = "What a browser asks before it calls from another origin.".to_owned();
        let body = Body::map([
            ("resource_id", resource.clone().into()),
            ("http_method", "OPTIONS".into()),
            ("authorization", "NONE".into()),
        ]);
        let method = self.part(parts, "aws_api_gateway_method", &name, doc, body);
        let http_method = attribute(&method, "method", "http_method");
        let here = |more: Vec<(&str, Body)>| {
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
            ("Access-Control-Allow-Headers", HEADERS.to_owned()),
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

    /// API Gateway's own errors, in the API's own format, and readable from a browser.
    #[track_caller]
    pub(super) fn add_gateway_responses(&mut self, parts: &mut Parts, origin: Origin) {
        for (response, status) in RESPONSES {
            let mut headers = vec![
                ("gatewayresponse.header.Access-Control-Allow-Origin", quoted(origin.as_str())),
                ("gatewayresponse.header.Vary", quoted("Origin")),
            ];
            if *response == "THROTTLED" {
                headers.push(("gatewayresponse.header.Retry-After", quoted("1")));
            }
            let body = Body::map([
                ("response_type", (*response).into()),
                ("response_parameters", Body::map(headers)),
                ("response_templates", Body::map([("application/json", error_template().into())])),
            ])
            .with("status_code", *status);
            let name = response.to_lowercase();
            let doc = format!("What API Gateway answers by itself where it finds {response}.");
            self.part(parts, "aws_api_gateway_gateway_response", &name, doc, body);
        }
    }
}

/// Constants in API Gateway's mappings stand in single quotes.
fn quoted(text: &str) -> Body {
    format!("'{text}'").into()
}

/// An [`ApiError`] as a mapping template. `messageString` and `validationErrorString` come with
/// quotes where they are text; API Gateway leaves the latter empty elsewhere.
fn error_template() -> String {
    let value = |field: &str| match field {
        "error" => r#""$context.error.responseType""#,
        "message" => "$context.error.messageString",
        "problems" => {
            r#"[{"pointer":"","message":"$util.escapeJavaScript($context.error.validationErrorString)"}]"#
        }
        "requestId" => r#""$context.requestId""#,
        other => unreachable!("the error format has a field that has no value here: {other}"),
    };
    let fields = ApiError::wire_names().into_iter().map(|it| format!(r#""{it}":{}"#, value(&it)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}
