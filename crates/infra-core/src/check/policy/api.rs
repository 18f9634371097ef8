//! Policies for the HTTP API: callers, limits and logs.

use serde_json::Value;

use super::{Blocks, Broken, Policy, Severity, each, is_set};
use crate::model::policy::{Posture, Rule};

const STAGE: &str = "aws_api_gateway_stage";
const SETTINGS: &str = "aws_api_gateway_method_settings";
const METHOD: &str = "aws_api_gateway_method";

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::ApiAccessLog,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "without it nothing records the callers and the answers",
        fix: "give the stage an access log in JSON",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
        also: &["CKV_AWS_76", "APIG1", "apigateway-logging", "apigateway-structured-logging"],
        find: |blocks| {
            each(blocks, STAGE, "it has no access log in JSON", |it| {
                let log = &it.body["access_log_settings"][0];
                let format = log["format"].as_str().unwrap_or_default();
                let json = serde_json::from_str::<Value>(format).is_ok_and(|it| it.is_object());
                is_set(&log["destination_arn"]) && json
            })
        },
    },
    Policy {
        rule: Rule::ApiTracing,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "traces of an order would begin after its first step",
        fix: "set xray_tracing_enabled",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html",
        also: &["CKV_AWS_73", "apigateway-tracing"],
        find: |blocks| {
            each(blocks, STAGE, "it is not traced", |it| it.body["xray_tracing_enabled"] == true)
        },
    },
    Policy {
        rule: Rule::ApiErrorLog,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "errors of API Gateway itself are recorded nowhere else",
        fix: "set the logging_level of all routes to ERROR",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
        also: &["CKV2_AWS_4", "APIG6"],
        find: |blocks| {
            settings(blocks, "API Gateway's own errors are not logged", |it| {
                it["logging_level"] == "ERROR" || it["logging_level"] == "INFO"
            })
        },
    },
    Policy {
        rule: Rule::ApiDataTrace,
        severity: Severity::High,
        from: Posture::Development,
        reason: "the log would contain the bodies and headers of customers' requests",
        fix: "set data_trace_enabled to false",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
        also: &["CKV_AWS_276"],
        find: |blocks| {
            settings(blocks, "it logs whole requests", |it| it["data_trace_enabled"] != true)
        },
    },
    Policy {
        rule: Rule::ApiThrottling,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "one API could use up the account's limit, which all APIs share",
        fix: "set a rate limit and a burst limit",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
        also: &["apigateway-default-throttling"],
        find: |blocks| {
            settings(blocks, "it has no limits of its own", |it| {
                let limit = |name: &str| it[name].as_f64().is_some_and(|it| it > 0.0);
                limit("throttling_rate_limit") && limit("throttling_burst_limit")
            })
        },
    },
    Policy {
        rule: Rule::ApiRequestValidation,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "an invalid request would cost an invocation of the function",
        fix: "give the method a request validator, and a body its model",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html",
        also: &["CKV2_AWS_53", "APIG2"],
        find: |blocks| {
            each(blocks, METHOD, "API Gateway does not validate requests", |it| {
                let body = it.body["http_method"] != "POST" || is_set(&it.body["request_models"]);
                is_set(&it.body["request_validator_id"]) && body
            })
        },
    },
    Policy {
        rule: Rule::ApiAuthorization,
        severity: Severity::High,
        from: Posture::Production,
        reason: "callers could be neither identified nor limited nor blocked",
        fix: "require an API key or IAM authorization (Config::callers)",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",
        also: &["CKV_AWS_59", "APIG4"],
        find: |blocks| {
            each(blocks, METHOD, "everybody can call it", |it| {
                // A browser sends the preflight request without credentials.
                it.body["http_method"] == "OPTIONS"
                    || it.body["authorization"] != "NONE"
                    || it.body["api_key_required"] == true
            })
        },
    },
    Policy {
        rule: Rule::ApiUsageLimit,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "one key could use up the limits that all callers share",
        fix: "give the usage plan a rate limit, a burst limit and a quota",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html",
        also: &[],
        find: |blocks| {
            each(blocks, "aws_api_gateway_usage_plan", "it has no limits", |it| {
                let throttle = &it.body["throttle_settings"][0];
                throttle["rate_limit"].is_number()
                    && throttle["burst_limit"].is_number()
                    && it.body["quota_settings"][0]["limit"].is_number()
            })
        },
    },
    Policy {
        rule: Rule::ApiAnyOrigin,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "every web page could place orders from the browsers of its visitors",
        fix: "allow a single origin (Config::origin)",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",
        also: &[],
        find: any_origin,
    },
    Policy {
        rule: Rule::ApiCache,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "a repeated request costs an invocation each time",
        fix: "enable the cache, or suppress the policy with the reason why answers must be fresh",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",
        also: &["CKV_AWS_120", "CKV_AWS_225", "CKV_AWS_308"],
        find: |blocks| {
            let mut found = each(blocks, STAGE, "it has no cache", |it| {
                it.body["cache_cluster_enabled"] == true
            });
            found.extend(settings(blocks, "it caches nothing", |it| it["caching_enabled"] == true));
            found
        },
    },
    Policy {
        rule: Rule::ApiClientCertificate,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "the backend cannot verify that a request comes from this API",
        fix: "give the stage a client certificate, or suppress the policy with the reason how the backend knows the API",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html",
        also: &["CKV2_AWS_51"],
        find: |blocks| {
            each(blocks, STAGE, "it has no client certificate", |it| {
                is_set(&it.body["client_certificate_id"])
            })
        },
    },
    Policy {
        rule: Rule::ApiGap,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "Terraform would delete the old one before it creates the new one, and requests would fail in between",
        fix: "set create_before_destroy",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html",
        also: &["CKV_AWS_217", "CKV_AWS_237"],
        find: |blocks| {
            let mut found = Vec::new();
            for tf_type in ["aws_api_gateway_rest_api", "aws_api_gateway_deployment"] {
                found.extend(each(blocks, tf_type, "a replacement interrupts the API", |it| {
                    it.body["lifecycle"]["create_before_destroy"] == true
                }));
            }
            found
        },
    },
];

/// Every stage's method settings for which `holds` is false.
fn settings(blocks: &Blocks, problem: &str, holds: impl Fn(&Value) -> bool) -> Vec<Broken> {
    each(blocks, SETTINGS, problem, |it| holds(&it.body["settings"][0]))
}

fn any_origin(blocks: &Blocks) -> Vec<Broken> {
    let mut found = Vec::new();
    for tf_type in ["aws_api_gateway_integration_response", "aws_api_gateway_gateway_response"] {
        found.extend(each(blocks, tf_type, "it allows browsers to call from every origin", |it| {
            let headers = it.body["response_parameters"].as_object();
            headers.into_iter().flatten().all(|(name, value)| {
                !name.ends_with(".Access-Control-Allow-Origin") || value != "'*'"
            })
        }));
    }
    found
}
