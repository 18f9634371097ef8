//! The HTTP API: who may call, how much, and what is written down about it.

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
        reason: "no record would say who called, and what was answered",
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
        reason: "an order could not be followed from its first step on",
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
        reason: "what API Gateway itself does wrong is written down nowhere else",
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
        reason: "bodies and headers of customers would stand in the log",
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
        reason: "one API would use up what the account has for all of them",
        fix: "say how many requests it takes, in the long run and at once",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html",
        also: &["apigateway-default-throttling"],
        find: |blocks| {
            settings(blocks, "it takes as many requests as the account does", |it| {
                let limit = |name: &str| it[name].as_f64().is_some_and(|it| it > 0.0);
                limit("throttling_rate_limit") && limit("throttling_burst_limit")
            })
        },
    },
    Policy {
        rule: Rule::ApiRequestValidation,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "a request without a parameter of its route would cost a call of the function",
        fix: "give the method a request validator, and a body its model",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html",
        also: &["CKV2_AWS_53", "APIG2"],
        find: |blocks| {
            each(blocks, METHOD, "nothing looks at a request before it is passed on", |it| {
                let body = it.body["http_method"] != "POST" || is_set(&it.body["request_models"]);
                is_set(&it.body["request_validator_id"]) && body
            })
        },
    },
    Policy {
        rule: Rule::ApiAuthorization,
        severity: Severity::High,
        from: Posture::Production,
        reason: "no caller could be told apart, limited or shut out",
        fix: "ask for a key or for IAM (Config::callers)",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html",
        also: &["CKV_AWS_59", "APIG4"],
        find: |blocks| {
            each(blocks, METHOD, "everybody may call it", |it| {
                // A browser asks before it has anything to show.
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
        reason: "one key could use up what all callers have",
        fix: "give the plan a rate, a burst and a quota",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html",
        also: &[],
        find: |blocks| {
            each(blocks, "aws_api_gateway_usage_plan", "it limits nothing", |it| {
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
        reason: "every page on the web could place orders from its readers' browsers",
        fix: "name the one origin that browsers may call from (Config::origin)",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",
        also: &[],
        find: any_origin,
    },
    Policy {
        rule: Rule::ApiCache,
        severity: Severity::Low,
        from: Posture::Production,
        reason: "the same question costs a call each time",
        fix: "enable the cache, or say why an answer must be new",
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
        reason: "the functions behind the API cannot tell it from another caller",
        fix: "give the stage a client certificate, or say how else the backend knows",
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
        reason: "the old one goes before the new one is there, and calls fail in between",
        fix: "set create_before_destroy",
        page: "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html",
        also: &["CKV_AWS_217", "CKV_AWS_237"],
        find: |blocks| {
            let mut found = Vec::new();
            for tf_type in ["aws_api_gateway_rest_api", "aws_api_gateway_deployment"] {
                found.extend(each(blocks, tf_type, "it is replaced with a gap", |it| {
                    it.body["lifecycle"]["create_before_destroy"] == true
                }));
            }
            found
        },
    },
];

/// The settings of all routes of which something does not hold.
fn settings(blocks: &Blocks, problem: &str, holds: impl Fn(&Value) -> bool) -> Vec<Broken> {
    each(blocks, SETTINGS, problem, |it| holds(&it.body["settings"][0]))
}

fn any_origin(blocks: &Blocks) -> Vec<Broken> {
    let mut found = Vec::new();
    for tf_type in ["aws_api_gateway_integration_response", "aws_api_gateway_gateway_response"] {
        found.extend(each(blocks, tf_type, "browsers may call from anywhere", |it| {
            let headers = it.body["response_parameters"].as_object();
            headers.into_iter().flatten().all(|(name, value)| {
                !name.ends_with(".Access-Control-Allow-Origin") || value != "'*'"
            })
        }));
    }
    found
}
