//! Facts about AWS that bite, each held against what is generated.

use std::collections::BTreeSet;

use crate::root::{Root, inner};
use contracts::{
    api::{ApiError, OrderRequest},
    read::RequestBody as _,
};
use infra_gen::config::Environment;
use serde_json::{Value, json};

fn everywhere(check: impl Fn(Environment, Root)) {
    Environment::ALL.into_iter().for_each(|it| check(it, Root::of(it)));
}

#[test]
fn the_accounts_log_role_lives_in_bootstrap_alone() {
    assert_eq!(Root::bootstrap().resources("aws_api_gateway_account").len(), 1);
    everywhere(|_, root| assert!(root.resources("aws_api_gateway_account").is_empty()));
}

#[test]
fn alarms_can_publish_to_the_encrypted_topic() {
    everywhere(|_, root| {
        let topic = root.resource("aws_sns_topic", "monitoring.alarms");
        assert_eq!(topic["kms_master_key_id"], "${aws_kms_key.alarms.arn}");
        let key = inner(&root.resource("aws_kms_key", "monitoring.alarms")["policy"]);
        let statements = key["Statement"].as_array().unwrap();
        let alarms = statements.iter().find(|it| it["Sid"] == "AlarmsMayPublish").unwrap();
        assert_eq!(alarms["Principal"]["Service"], "cloudwatch.amazonaws.com");
        assert_eq!(alarms["Action"], json!(["kms:Decrypt", "kms:GenerateDataKey"]));
        let policy = &root.policies()["monitoring.alarms"]["statement"][0];
        assert_eq!(policy["principals"][0]["identifiers"], json!(["cloudwatch.amazonaws.com"]));
        assert_eq!(policy["actions"], json!(["sns:Publish"]));
    });
}

#[test]
fn the_machines_log_is_vended_and_complete() {
    everywhere(|environment, root| {
        let group = root.resource("aws_cloudwatch_log_group", "stepfunctions.order");
        assert_eq!(group["name"], format!("/aws/vendedlogs/states/dofs-{environment}-order"));
        let machine = root.resource("aws_sfn_state_machine", "stepfunctions.order");
        let log = &machine["logging_configuration"][0];
        assert_eq!(log["log_destination"], "${aws_cloudwatch_log_group.order.arn}:*");
        // What customers wrote stays out of the log.
        assert_eq!(log["include_execution_data"], false);
        // The rights must be there when the machine is made.
        assert_eq!(machine["depends_on"], json!(["aws_iam_role_policy.order"]));
    });
}

#[test]
fn dead_letters_outlive_the_queue() {
    everywhere(|_, root| {
        let kept = |name| {
            root.resource("aws_sqs_queue", name)["message_retention_seconds"].as_u64().unwrap()
        };
        assert!(kept("sqs.order_dlq") > kept("sqs.order_queue"));
    });
}

/// A later message about a failed order begins another round, whoever sends it: the right to send is the right to
/// redrive.
#[test]
fn order_storage_alone_may_send_orders() {
    everywhere(|_, root| {
        let policies = root.policies();
        let may_send = |policy: &Value| {
            let statements = policy["statement"].as_array().unwrap();
            statements.iter().filter(|it| it["effect"] != "Deny").any(|statement| {
                let actions = statement["actions"].as_array().into_iter().flatten();
                let mut actions = actions.filter_map(Value::as_str);
                actions.any(|it| matches!(it, "*" | "sqs:*" | "sqs:Send*" | "sqs:SendMessage"))
            })
        };
        let senders: Vec<_> = policies.iter().filter(|(_, it)| may_send(it)).collect();
        let senders: Vec<_> = senders.into_iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(senders, ["lambdas.order_storage"]);
    });
}

/// 30 of 100 orders fail by design, and each leaves a dead letter.
#[test]
fn no_alarm_fires_on_what_happens_by_design() {
    everywhere(|_, root| {
        let alarms = root.resources("aws_cloudwatch_metric_alarm");
        for (name, alarm) in &alarms {
            assert!(!alarm.to_string().contains("order_dlq"), "{name} fires on dead letters");
        }
        for (name, metric) in [
            ("messages_unreadable", "MessagesUnreadable"),
            ("deliveries_faulted", "DeliveriesFaulted"),
            ("orders_stuck", "OrdersStuck"),
        ] {
            let alarm = &alarms[&format!("monitoring.{name}")];
            assert_eq!(alarm["metric_name"], metric);
            assert_eq!(alarm["threshold"], 0);
        }
    });
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html>,
/// <https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html>
#[test]
fn whoever_traces_has_the_rights_that_its_service_asks_for() {
    const SENDS: [&str; 2] = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
    const SAMPLES: [&str; 2] = ["xray:GetSamplingRules", "xray:GetSamplingTargets"];
    everywhere(|_, root| {
        let policies = root.policies();
        let check = |role: &str, due: &[&str]| {
            let statements = policies[role]["statement"].as_array().unwrap();
            let actions = statements.iter().flat_map(|it| it["actions"].as_array().unwrap());
            let mut found: Vec<&str> = actions.map(|it| it.as_str().unwrap()).collect();
            found.retain(|it| it.starts_with("xray:"));
            found.sort_unstable();
            assert_eq!(found, due, "{role}");
        };
        for (name, function) in root.resources("aws_lambda_function") {
            assert_eq!(function["tracing_config"][0]["mode"], "Active", "{name}");
            check(&name, &SENDS);
        }
        for (name, machine) in root.resources("aws_sfn_state_machine") {
            assert_eq!(machine["tracing_configuration"][0]["enabled"], true, "{name}");
            check(&name, &[SAMPLES, SENDS].concat());
        }
    });
}

#[test]
fn a_schedule_that_stops_is_noticed_within_a_quarter_of_an_hour() {
    everywhere(|_, root| {
        for (name, schedule) in root.resources("aws_scheduler_schedule") {
            let rate = schedule["schedule_expression"].as_str().unwrap();
            let minutes = rate.strip_prefix("rate(").unwrap().split(' ').next().unwrap();
            let interval = 60 * minutes.parse::<u64>().unwrap();
            let alias = schedule["target"][0]["arn"].as_str().unwrap();
            let function = alias.split('.').nth(1).unwrap();
            let alarms = root.resources("aws_cloudwatch_metric_alarm").into_values();
            let heartbeat = alarms
                .filter(|it| it["treat_missing_data"] == "breaching")
                .find(|it| {
                    let metric = &it["metric_query"][1]["metric"][0];
                    let of = metric["dimensions"]["FunctionName"].as_str().unwrap_or_default();
                    metric["metric_name"] == "Invocations"
                        && of == format!("${{var.{function}_function_name}}")
                })
                .unwrap_or_else(|| panic!("nobody notices when {name} stops"));
            let query = heartbeat["metric_query"].as_array().unwrap();
            assert_eq!(query[0]["expression"], "FILL(m1, 0)");
            assert_eq!(heartbeat["comparison_operator"], "LessThanThreshold");
            assert_eq!(heartbeat["threshold"], 1.0);
            // The scheduler may be a minute late: one empty interval is no sign.
            let period = query[1]["metric"][0]["period"].as_u64().unwrap();
            let periods = heartbeat["evaluation_periods"].as_u64().unwrap();
            assert_eq!(heartbeat["datapoints_to_alarm"], periods);
            assert!(period >= interval && periods >= 2, "{name}");
            // The rest is for CloudWatch, which has a metric after a minute or two.
            assert!(period * periods <= 15 * 60 - 180, "{name}");
        }
    });
}

/// How likely it is that more than `share` of the orders fail, for each number of orders up to
/// `most`. From order to order: with one more, as many have failed as before, or one more.
fn more_than(share: f64, failing: f64, most: usize) -> Vec<f64> {
    let mut failed = vec![1.0];
    (0..=most)
        .map(|orders| {
            let above = |it: &usize| *it as f64 > share * orders as f64;
            let chance = (0..=orders).filter(above).map(|it| failed[it]).sum();
            let one_more = |it: usize| it.checked_sub(1).map_or(0.0, |it| failed[it] * failing);
            let as_many = |it| failed.get(it).map_or(0.0, |now| now * (1.0 - failing));
            failed = (0..=orders + 1).map(|it| as_many(it) + one_more(it)).collect();
            chance
        })
        .collect()
}

#[test]
fn orders_failed_fires_by_chance_once_in_ten_years_at_most() {
    // CloudWatch looks once a minute.
    const LOOKS: f64 = 10.0 * 365.25 * 24.0 * 60.0;
    everywhere(|environment, root| {
        let function = root.resource("aws_lambda_function", "lambdas.fulfill_order");
        let rate = &function["environment"][0]["variables"]["FULFILLMENT_RATE"];
        let failing = 1.0 - rate.as_str().unwrap().parse::<f64>().unwrap() / 100.0;
        let alarm = root.resource("aws_cloudwatch_metric_alarm", "monitoring.orders_failed");
        let expression = alarm["metric_query"][0]["expression"].as_str().unwrap();
        let (_, rest) = expression.split_once(">= ").unwrap();
        let from: usize = rest.split(',').next().unwrap().parse().unwrap();
        let share = alarm["threshold"].as_f64().unwrap();
        let chances = more_than(share, failing, 2_000);
        for (orders, chance) in chances.iter().enumerate().skip(from) {
            assert!(chance * LOOKS <= 1.0, "{environment}: {chance} with {orders} orders");
        }
        // It is of use: an outage among a few hundred orders is seen.
        assert!(from <= 250 && share < 0.6, "{environment}: from {from} orders on, {share}");
    });
}

#[test]
fn one_clients_mistakes_wake_nobody() {
    everywhere(|_, root| {
        let alarm = root.resource("aws_cloudwatch_metric_alarm", "monitoring.api_4xx");
        let expression = alarm["metric_query"][0]["expression"].as_str().unwrap();
        assert_eq!(expression, "IF(FILL(m2, 0) >= 20, FILL(m1, 0) / FILL(m2, 0), 0)");
        let metric = |it: usize| alarm["metric_query"][it]["metric"][0]["metric_name"].clone();
        assert_eq!((metric(1), metric(2)), (json!("4XXError"), json!("Count")));
    });
}

#[test]
fn every_alarm_tells_somebody_what_to_do() {
    everywhere(|_, root| {
        let alarms = root.resources("aws_cloudwatch_metric_alarm");
        assert_eq!(alarms.len(), 30);
        for (name, alarm) in alarms {
            assert_eq!(alarm["alarm_actions"], json!(["${aws_sns_topic.alarms.arn}"]), "{name}");
            assert!(alarm["alarm_description"].as_str().unwrap().len() > 60, "{name}");
        }
    });
}

#[test]
fn a_queue_never_keeps_more_instances_busy_than_are_reserved() {
    everywhere(|_, root| {
        let source = root.resource("aws_lambda_event_source_mapping", "lambdas.fulfill_order");
        let most = source["scaling_config"][0]["maximum_concurrency"].as_u64().unwrap();
        let function = root.resource("aws_lambda_function", "lambdas.fulfill_order");
        let reserved = function["reserved_concurrent_executions"].as_u64();
        assert!(most >= 2 && reserved.is_none_or(|it| most <= it));
        assert_eq!(source["function_response_types"], json!(["ReportBatchItemFailures"]));
        assert_eq!(source["function_name"], "${aws_lambda_alias.fulfill_order.arn}");
    });
}

#[test]
fn a_message_stays_hidden_while_it_may_be_worked_on() {
    everywhere(|_, root| {
        let queue = root.resource("aws_sqs_queue", "sqs.order_queue");
        let function = root.resource("aws_lambda_function", "lambdas.fulfill_order");
        let source = root.resource("aws_lambda_event_source_mapping", "lambdas.fulfill_order");
        let number = |value: &Value| value.as_u64().unwrap();
        let due = 6 * number(&function["timeout"])
            + number(&source["maximum_batching_window_in_seconds"]);
        assert!(number(&queue["visibility_timeout_seconds"]) >= due);
    });
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
        // A script reads every header of API Gateway's own errors that tells it something.
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
fn lambda_drops_no_line_of_a_function() {
    // Lambda takes a line without a level for INFO, so a filter above INFO would drop every metric in
    // the embedded metric format. A filter above the function's own level would drop what it means to log.
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
    let rank = |it: &Value| LEVELS.iter().position(|level| it == level).unwrap();
    everywhere(|environment, root| {
        for (name, function) in root.resources("aws_lambda_function") {
            let logging = &function["logging_config"][0];
            let passes = rank(&logging["application_log_level"]);
            assert!(passes <= rank(&json!("INFO")), "{environment}: {name}: {logging}");
            let own = &function["environment"][0]["variables"]["LOG_LEVEL"];
            let own = rank(&json!(own.as_str().unwrap().to_uppercase()));
            assert!(passes <= own, "{environment}: {name}: {logging}");
            // WARN would drop the report of each call, with its duration and its memory.
            assert!(logging["system_log_level"].is_null(), "{environment}: {name}: {logging}");
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

#[test]
fn tables_can_be_rescued() {
    everywhere(|environment, root| {
        for (name, table) in root.resources("aws_dynamodb_table") {
            assert_eq!(table["point_in_time_recovery"][0]["enabled"], true, "{name}");
            let protected = environment == Environment::Prod;
            assert_eq!(table["deletion_protection_enabled"], protected, "{name}");
        }
    });
}

#[test]
fn only_what_is_meant_to_expire_does() {
    everywhere(|_, root| {
        let orders = root.resource("aws_dynamodb_table", "dynamodb.orders");
        assert_eq!(orders["ttl"], json!([{ "attribute_name": "expires_at", "enabled": true }]));
        assert!(root.resource("aws_dynamodb_table", "dynamodb.failed_orders")["ttl"].is_null());
        let machine = root.file("order.asl.json");
        let item = |state: &str, path: &str| {
            machine["States"][state]["Arguments"].pointer(path).unwrap().to_string()
        };
        // An item is one expression, and lacks what is absent.
        let rejected = item("RecordRejection", "/Item");
        assert!(rejected.contains("'expires_at': {'N': $string($floor($millis()"), "{rejected}");
        let failed = item("RecordFailure", "/TransactItems/0/Put/Item");
        assert!(failed.contains("'order_id'") && !failed.contains("expires_at"), "{failed}");
    });
}

#[test]
fn log_groups_exist_before_what_writes_to_them_and_end() {
    everywhere(|_, root| {
        for (name, function) in root.resources("aws_lambda_function") {
            let name = name.trim_start_matches("lambdas.");
            let group = format!("${{aws_cloudwatch_log_group.{name}.name}}");
            assert_eq!(function["logging_config"][0]["log_group"], group);
        }
        for (name, group) in root.resources("aws_cloudwatch_log_group") {
            assert!(group["retention_in_days"].as_u64().is_some_and(|it| it > 0), "{name}");
        }
    });
}

#[test]
fn services_act_for_us_alone() {
    everywhere(|_, root| {
        for (name, permission) in root.resources("aws_lambda_permission") {
            assert!(permission["source_arn"].as_str().is_some_and(|it| it.len() > 20), "{name}");
        }
        for (name, policy) in root.policies() {
            for statement in policy["statement"].as_array().unwrap() {
                let service = statement["principals"][0]["identifiers"][0].as_str();
                let conditional = statement["condition"][0]["variable"] == "aws:SourceAccount";
                // Lambda says for no account that it acts: nobody but Lambda can take the role on,
                // and only for a function of this account.
                let exempt = matches!(service, None | Some("lambda.amazonaws.com" | "*"));
                assert!(exempt || conditional, "{name}");
            }
        }
    });
}

#[test]
fn queues_take_nobody_without_tls() {
    everywhere(|_, root| {
        for name in root.resources("aws_sqs_queue").keys() {
            let statement = &root.policies()[name]["statement"][0];
            assert_eq!(statement["effect"], "Deny");
            assert_eq!(statement["condition"][0]["variable"], "aws:SecureTransport");
        }
    });
}

#[test]
fn executions_end_before_aws_ends_them() {
    // STANDARD executions last a year at most, and hold 25,000 events: an order has nine states at
    // most, each tried at most 31 times, at five events an attempt.
    everywhere(|_, root| {
        let machine = root.file("order.asl.json");
        assert!(machine["TimeoutSeconds"].as_u64().unwrap() <= 365 * 86_400);
        let attempts: u64 = machine["States"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|it| it["Retry"].as_array().cloned().unwrap_or_default())
            .map(|it| it["MaxAttempts"].as_u64().unwrap() + 1)
            .sum();
        assert!(attempts * 5 < 25_000);
    });
}

#[test]
fn policies_are_sorted_and_merged() {
    everywhere(|_, root| {
        for (name, policy) in root.policies() {
            let mut targets = Vec::new();
            for statement in policy["statement"].as_array().unwrap() {
                let actions = statement["actions"].as_array().unwrap();
                assert!(actions.is_sorted_by_key(|it| it.as_str().unwrap().to_owned()), "{name}");
                let (on, when) = (&statement["resources"], &statement["condition"]);
                targets.push(format!("{on}{when}{}", statement["sid"]));
            }
            let count = targets.len();
            targets.sort();
            targets.dedup();
            assert_eq!(count, targets.len(), "{name} has two statements on one target");
        }
    });
}

/// Step Functions starts 150 executions a second in Mumbai, of 800 at once, and lets them enter 800 states a
/// second, of 800 at once. <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
/// An order enters four states at most: `ValidateOrder`, `StoreOrder`, `RecordFailure` and an end.
#[test]
fn the_api_takes_no_more_than_step_functions_starts() {
    everywhere(|environment, root| {
        assert_eq!(environment.config().region.as_str(), "ap-south-1");
        for (name, settings) in root.resources("aws_api_gateway_method_settings") {
            let settings = &settings["settings"][0];
            let rate = settings["throttling_rate_limit"].as_u64().unwrap();
            let burst = settings["throttling_burst_limit"].as_u64().unwrap();
            assert!(rate <= 150 && rate * 4 <= 800, "{name} takes {rate} requests a second");
            assert!(burst <= 800 && burst * 4 <= 800, "{name} takes {burst} requests at once");
        }
    });
}

/// What AWS throttles is seen: state transitions by a metric of the machine, and calls of the API's
/// function, which AWS counts for the account alone, by a metric of ours.
#[test]
fn throttled_executions_and_throttled_starts_wake_somebody() {
    everywhere(|environment, root| {
        let alarms = root.resources("aws_cloudwatch_metric_alarm");
        let watched = |namespace: &str, name: &str| {
            alarms.values().any(|it| it["namespace"] == namespace && it["metric_name"] == name)
        };
        assert!(watched("AWS/States", "ExecutionThrottled"), "{environment}");
        let own = format!("dofs-{environment}/orders");
        assert!(watched(&own, "CallsThrottled"), "{environment}");
    });
}

/// Lambda keeps 100 of an account's 1,000 concurrent executions for functions without a reservation.
#[test]
fn reservations_leave_the_account_its_share() {
    everywhere(|environment, root| {
        let reserved = root.resources("aws_lambda_function");
        let reserved =
            reserved.values().filter_map(|it| it["reserved_concurrent_executions"].as_u64());
        assert!(reserved.sum::<u64>() + 100 <= 1000, "{environment}");
    });
}

/// One bound in bytes: what the type of the body allows passes the firewall, which looks at all of it.
#[test]
fn the_firewall_passes_the_longest_order() {
    const STEPS: [(u64, &str); 4] =
        [(16_384, "KB_16"), (32_768, "KB_32"), (49_152, "KB_48"), (65_536, "KB_64")];
    let root = Root::of(Environment::Prod);
    let firewall = root.resource("aws_wafv2_web_acl", "api_gateway.orders");
    let rules = firewall["rule"].as_array().unwrap();
    let rule = |name: &str| rules.iter().find(|it| it["name"] == name).unwrap();
    let body_size = rule("body_size");
    let size = body_size["statement"][0]["size_constraint_statement"][0]["size"].as_u64().unwrap();
    assert!(size >= u64::try_from(OrderRequest::MOST_BYTES).unwrap());
    // The function takes what the firewall passes, and each says the same of what is longer.
    assert_eq!(size, u64::try_from(OrderRequest::LARGEST_BYTES).unwrap());
    let request_body = &firewall["association_config"][0]["request_body"][0];
    let step = &request_body["api_gateway"][0]["default_size_inspection_limit"];
    let (inspected, _) = STEPS.into_iter().find(|(_, it)| step == it).unwrap();
    assert!(inspected >= size);
    let answer = &body_size["action"][0]["block"][0]["custom_response"][0];
    assert_eq!(answer["response_code"], 413);
    let body = &firewall["custom_response_body"][0];
    assert_eq!(answer["custom_response_body_key"], body["key"]);
    let error: ApiError = serde_json::from_value(inner(&body["content"])).unwrap();
    assert_eq!((&*error.error, error.message), ("REQUEST_TOO_LARGE", OrderRequest::too_large()));
    // AWS's own rule knows 8 KB.
    // https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
    let common = &rule("common")["statement"][0]["managed_rule_group_statement"][0];
    let overridden = common["rule_action_override"].as_array().unwrap();
    let own = overridden.iter().find(|it| it["name"] == "SizeRestrictions_BODY").unwrap();
    assert!(own["action_to_use"][0]["count"].is_array(), "{own}");
}

/// What proves who calls is kept nowhere: neither in the log nor in samples, nor where a rule of rates says what it
/// counted by. The log's own list has no effect on samples.
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_DataProtection.html>
#[test]
fn the_firewall_keeps_no_secret_header() {
    let root = Root::of(Environment::Prod);
    let firewall = root.resource("aws_wafv2_web_acl", "api_gateway.orders");
    let protected = &firewall["data_protection_config"][0]["data_protection"];
    let mut headers = BTreeSet::new();
    for it in protected.as_array().unwrap() {
        assert_eq!(it["action"], "SUBSTITUTION");
        for exception in ["exclude_rate_based_details", "exclude_rule_match_details"] {
            assert_ne!(it[exception], true, "{exception}");
        }
        let field = &it["field"][0];
        assert_eq!(field["field_type"], "SINGLE_HEADER");
        headers
            .extend(field["field_keys"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()));
    }
    // Without a key, each header would be protected, and no rule could be understood from the log.
    assert_eq!(headers, BTreeSet::from(["authorization", "x-api-key"]));
    let logging = root.resource("aws_wafv2_web_acl_logging_configuration", "api_gateway.orders");
    let redacted = logging["redacted_fields"].as_array().unwrap().iter();
    let redacted = redacted.map(|it| it["single_header"][0]["name"].as_str().unwrap()).collect();
    assert_eq!(headers, redacted);
}

/// A shop's server calls for all its customers: one key and one address, up to all that the API takes.
#[test]
fn the_firewall_counts_a_caller_by_its_key() {
    let root = Root::of(Environment::Prod);
    let firewall = root.resource("aws_wafv2_web_acl", "api_gateway.orders");
    let plan = &root.resource("aws_api_gateway_usage_plan", "api_gateway.orders");
    let throttle = &plan["throttle_settings"][0];
    let number = |it: &Value| it.as_u64().unwrap();
    let rules = firewall["rule"].as_array().unwrap();
    let rates: Vec<&Value> = rules
        .iter()
        .map(|it| &it["statement"][0]["rate_based_statement"][0])
        .filter(|it| !it.is_null())
        .collect();
    let by_key = |it: &&Value| it["custom_key"][0]["header"][0]["name"] == "x-api-key";
    assert_eq!(rates.iter().copied().filter(by_key).count(), 1);
    for rate in rates {
        let window = number(&rate["evaluation_window_sec"]);
        let takes = number(&throttle["rate_limit"]) * window + number(&throttle["burst_limit"]);
        assert!(number(&rate["limit"]) >= takes, "{rate} stops who keeps to the plan");
    }
}

/// DynamoDB counts what an index refuses under the table's name and the index's, and a throttled index blocks
/// writes to its table.
#[test]
fn a_throttled_index_wakes_somebody() {
    everywhere(|environment, root| {
        let alarms = root.resources("aws_cloudwatch_metric_alarm");
        for (table, body) in root.resources("aws_dynamodb_table") {
            for index in body["global_secondary_index"].as_array().into_iter().flatten() {
                let table = table.trim_start_matches("dynamodb.");
                let alarm = alarms[&format!("monitoring.{table}_throttles")];
                for name in ["ReadThrottleEvents", "WriteThrottleEvents"] {
                    let of_index = alarm["metric_query"].as_array().unwrap().iter().any(|it| {
                        let metric = &it["metric"][0];
                        let dimensions = &metric["dimensions"];
                        metric["metric_name"] == name
                            && dimensions["GlobalSecondaryIndexName"] == index["name"]
                            && !dimensions["TableName"].is_null()
                    });
                    assert!(of_index, "{environment}: {name} of {table} and {}", index["name"]);
                }
            }
        }
    });
}
