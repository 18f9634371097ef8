//! Edits that affect browsers: the headers of preflights and of errors.

use serde_json::Value;

use super::{Tree, between, check, never, remove};

fn api(address: &'static str, edit: impl Fn(&mut Value), expected: &str) {
    let told = format!("{expected} prod module.api_gateway.{address}");
    check(|tree: &mut Tree| tree.block("prod", "api_gateway", address, &edit), &[&told]);
}

const PREFLIGHT: &str = "aws_api_gateway_integration_response.options_order";
const ERROR: &str = "aws_api_gateway_gateway_response.throttled";
const HEADER: &str = "method.response.header.";

#[test]
fn a_header_that_browsers_ask_for_is_not_lost_unseen() {
    let stopped = "warning stopped";
    for (name, value) in [
        ("Access-Control-Allow-Methods", "'OPTIONS'"),
        ("Access-Control-Allow-Headers", "'Content-Type,Idempotency-Key'"),
    ] {
        let name = format!("{HEADER}{name}");
        api(PREFLIGHT, |it| it["response_parameters"][&name] = value.into(), stopped);
        api(PREFLIGHT, |it| remove(&mut it["response_parameters"], &name), stopped);
    }
    api(PREFLIGHT, |it| remove(it, "response_parameters"), stopped);
    let passed = "aws_api_gateway_method_response.options_order";
    let origin = format!("{HEADER}Access-Control-Allow-Origin");
    api(passed, |it| remove(&mut it["response_parameters"], &origin), stopped);
    for name in ["Access-Control-Allow-Origin", "Access-Control-Expose-Headers", "Retry-After"] {
        let name = format!("gatewayresponse.header.{name}");
        api(ERROR, |it| remove(&mut it["response_parameters"], &name), stopped);
    }
}

#[test]
fn another_status_or_body_is_a_finding() {
    let mock = "aws_api_gateway_integration.options_order";
    let template = "{\"statusCode\":500}";
    api(
        mock,
        |it| it["request_templates"]["application/json"] = template.into(),
        "warning stopped",
    );
    api(mock, |it| remove(it, "request_templates"), "warning stopped");
    let other = "warning flow-changed";
    api(PREFLIGHT, |it| it["status_code"] = "500".into(), other);
    api(
        "aws_api_gateway_method_response.options_order",
        |it| it["status_code"] = "500".into(),
        other,
    );
    api(ERROR, |it| remove(it, "response_templates"), other);
}

/// Requests that were accepted and are refused: a route that requires more, a body with another schema.
#[test]
fn a_route_that_requires_more_is_a_finding() {
    let route = "aws_api_gateway_method.post_order";
    api(route, |it| it["authorization"] = "AWS_IAM".into(), "warning stopped");
    let preflight = "aws_api_gateway_method.options_order";
    api(preflight, |it| it["api_key_required"] = true.into(), "warning stopped");
    let model = "aws_api_gateway_model.order_request";
    api(
        model,
        |it| {
            let mut schema: Value = serde_json::from_str(it["schema"].as_str().unwrap()).unwrap();
            schema["required"].as_array_mut().unwrap().push("more".into());
            it["schema"] = schema.to_string().into();
        },
        "warning stopped",
    );
    let validator = "aws_api_gateway_request_validator.orders";
    api(validator, |it| it["validate_request_body"] = true.into(), "warning stopped");
}

/// `*` stands for everything in the headers of CORS alone, and not for `Authorization`, nor where credentials are
/// allowed.
#[test]
fn a_star_in_a_header_is_not_everything() {
    let told = format!("warning stopped prod module.api_gateway.{PREFLIGHT}");
    let set = |name: &'static str, value: &'static str| {
        move |tree: &mut Tree| {
            tree.block("prod", "api_gateway", PREFLIGHT, |it| {
                it["response_parameters"][format!("{HEADER}{name}")] = value.into();
            });
        }
    };
    let (methods, headers) = ("Access-Control-Allow-Methods", "Access-Control-Allow-Headers");
    never(|_| (), set(methods, "'*'"), &told);
    let asked = set(headers, "'Content-Type,Authorization'");
    between(asked, set(headers, "'*'"), &[&told]);
    let asked = set(headers, "'Content-Type,Authorization'");
    never(asked, set(headers, "'*,Authorization'"), &told);
    let cached = set("Cache-Control", "'no-store'");
    between(cached, set("Cache-Control", "'*'"), &[&told]);
    for name in [methods, headers, "Access-Control-Allow-Origin"] {
        let credentials = |tree: &mut Tree| {
            set("Access-Control-Allow-Credentials", "'true'")(tree);
            set(name, "'X'")(tree);
        };
        between(credentials, set(name, "'*'"), &[&told]);
    }
}
