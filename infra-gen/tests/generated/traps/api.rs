//! API Gateway.

use serde_json::json;

use super::everywhere;
use crate::root::Root;

#[test]
fn the_accounts_log_role_lives_in_bootstrap_alone() {
    assert_eq!(Root::bootstrap().resources("aws_api_gateway_account").len(), 1);
    everywhere(|_, root| assert!(root.resources("aws_api_gateway_account").is_empty()));
}

#[test]
fn a_body_is_the_functions_business() {
    // API Gateway's validation would answer first, with one problem, in the words of a library, and with what was
    // sent; and it skips content types without a model. So the function judges each body. The model describes
    // the body, and parses what the function parses: see `model::schema`.
    everywhere(|_, root| {
        let validator = root.resource("aws_api_gateway_request_validator", "api_gateway.orders");
        assert_eq!(validator["validate_request_body"], false);
        let method = root.resource("aws_api_gateway_method", "api_gateway.post_order");
        let model = "${aws_api_gateway_model.order_request.name}";
        assert_eq!(method["request_models"], json!({ "application/json": model }));
        root.resource("aws_api_gateway_gateway_response", "api_gateway.unsupported_media_type");
        // A script can read every header of API Gateway's own errors that it needs.
        for (name, response) in root.resources("aws_api_gateway_gateway_response") {
            let headers = response["response_parameters"].as_object().unwrap();
            let exposed = &headers["gatewayresponse.header.Access-Control-Expose-Headers"];
            let exposed = exposed.as_str().unwrap().trim_matches('\'').split(',');
            for header in headers.keys().filter_map(|it| it.strip_prefix("gatewayresponse.header."))
            {
                let known = header.starts_with("Access-Control-") || header == "Vary";
                assert!(known || exposed.clone().any(|it| it == header), "{name}: {header}");
            }
        }
    });
}

#[test]
fn a_deployment_waits_for_the_whole_api_and_comes_before_the_old_one_goes() {
    everywhere(|_, root| {
        let deployment = root.resource("aws_api_gateway_deployment", "api_gateway.orders");
        assert_eq!(deployment["lifecycle"]["create_before_destroy"], true);
        let waits: Vec<&str> = deployment["depends_on"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap())
            .collect();
        for part in [
            "method",
            "integration",
            "method_response",
            "integration_response",
            "model",
            "gateway_response",
            "resource",
            "request_validator",
        ] {
            let tf_type = format!("aws_api_gateway_{part}");
            for name in root.resources(&tf_type).keys() {
                let local = format!("{tf_type}.{}", name.trim_start_matches("api_gateway."));
                assert!(waits.contains(&local.as_str()), "{local}");
            }
        }
    });
}
