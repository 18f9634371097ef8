//! Alarms: what fires, and what does not.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::everywhere;
use crate::{root::inner, snapshot::snapshot};

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
                .unwrap_or_else(|| panic!("no alarm fires when {name} stops"));
            let query = heartbeat["metric_query"].as_array().unwrap();
            assert_eq!(query[0]["expression"], "FILL(m1, 0)");
            assert_eq!(heartbeat["comparison_operator"], "LessThanThreshold");
            assert_eq!(heartbeat["threshold"], 1.0);
            // The scheduler may be a minute late: one empty interval proves nothing.
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
        // They are of use: an outage among a few hundred orders is seen, and a total one among a few dozen.
        for (name, fewest, most) in [("orders_failed", 250, 0.6), ("most_orders_failed", 40, 0.9)] {
            let name = format!("monitoring.{name}");
            let alarm = root.resource("aws_cloudwatch_metric_alarm", &name);
            let expression = alarm["metric_query"][0]["expression"].as_str().unwrap();
            let (_, rest) = expression.split_once(">= ").unwrap();
            let from: usize = rest.split(',').next().unwrap().parse().unwrap();
            let share = alarm["threshold"].as_f64().unwrap();
            let chances = more_than(share, failing, 2_000);
            for (orders, chance) in chances.iter().enumerate().skip(from) {
                assert!(chance * LOOKS <= 1.0, "{environment}: {chance} with {orders} orders");
            }
            assert!(
                from <= fewest && share < most,
                "{environment}: from {from} orders on, {share}"
            );
        }
    });
}

#[test]
fn the_errors_of_one_client_raise_no_alarm() {
    everywhere(|_, root| {
        let alarm = root.resource("aws_cloudwatch_metric_alarm", "monitoring.api_4xx");
        let expression = alarm["metric_query"][0]["expression"].as_str().unwrap();
        assert_eq!(expression, "IF(FILL(m2, 0) >= 20, FILL(m1, 0) / FILL(m2, 0), 0)");
        let metric = |it: usize| alarm["metric_query"][it]["metric"][0]["metric_name"].clone();
        assert_eq!((metric(1), metric(2)), (json!("4XXError"), json!("Count")));
    });
}

/// An order that waits for its record is silent between two rounds of attempts: each period has a part of a round.
#[test]
fn an_order_that_waits_for_its_record_keeps_its_alarm_firing() {
    everywhere(|_, root| {
        let alarm = root.resource("aws_cloudwatch_metric_alarm", "monitoring.orders_unrecorded");
        let queries = alarm["metric_query"].as_array().unwrap();
        let metrics: Vec<_> = queries.iter().filter(|it| it["metric"].is_array()).collect();
        assert_eq!(metrics.len(), 6);
        let machine = root.file("order.asl.json");
        for name in ["RecordFailure", "RecordRejection"] {
            let state = |name: &str| &machine["States"][name];
            let (task, wait) = (state(name), state(&format!("{name}Later")));
            let retriers = task["Retry"].as_array().unwrap().iter();
            let more: u64 = retriers.map(|it| it["MaxAttempts"].as_u64().unwrap()).sum();
            // Attempts that hang, and waits of one and of two seconds between them.
            let longest = (more + 1) * task["TimeoutSeconds"].as_u64().unwrap() + (1 << more) - 1;
            let silent = wait["Seconds"].as_u64().unwrap() + longest;
            for metric in &metrics {
                assert!(metric["metric"][0]["period"].as_u64().unwrap() >= silent, "{silent}");
            }
        }
    });
}

#[test]
fn every_alarm_notifies_the_operators_and_has_an_instruction() {
    everywhere(|_, root| {
        let alarms = root.resources("aws_cloudwatch_metric_alarm");
        for (name, alarm) in &alarms {
            assert_eq!(alarm["alarm_actions"], json!(["${aws_sns_topic.alarms.arn}"]), "{name}");
            assert!(alarm["alarm_description"].as_str().unwrap().len() > 60, "{name}");
        }
        // Every environment has the same alarms.
        snapshot("alarms", alarms.iter().map(|(name, it)| row(name, it)));
    });
}

/// `name: what it judges, and for how long`.
fn row(name: &str, alarm: &Value) -> String {
    let judged = match alarm["metric_name"].as_str() {
        Some(metric) => format!(
            "{} of {metric}",
            alarm["statistic"].as_str().or(alarm["extended_statistic"].as_str()).unwrap()
        ),
        None => {
            let queries = alarm["metric_query"].as_array().unwrap().iter();
            let metrics = queries.filter_map(|it| it["metric"][0]["metric_name"].as_str());
            let metrics: BTreeSet<&str> = metrics.collect();
            let expression = alarm["metric_query"][0]["expression"].as_str().unwrap();
            format!("{expression} of {}", Vec::from_iter(metrics).join(", "))
        }
    };
    let name = name.trim_start_matches("monitoring.");
    let (breaching, of) = (&alarm["datapoints_to_alarm"], &alarm["evaluation_periods"]);
    format!("{name}: {judged}, {breaching} of {of} periods")
}

/// The topology names each function where it adds alarms and where it draws the dashboard: one more is forgotten easily.
#[test]
fn every_function_has_its_alarms_and_is_on_the_dashboard() {
    everywhere(|environment, root| {
        let functions = root.resources("aws_lambda_function");
        assert!(functions.len() >= 5);
        let alarms = root.resources("aws_cloudwatch_metric_alarm");
        let dashboard = root.file("dashboard.json").to_string();
        for name in functions.keys().map(|it| it.trim_start_matches("lambdas.")) {
            let function = format!("${{var.{name}_function_name}}");
            for metric in ["Errors", "Throttles", "Duration"] {
                let watched = alarms.values().any(|it| {
                    it["metric_name"] == metric && it["dimensions"]["FunctionName"] == function
                });
                assert!(watched, "{environment}: no alarm on {metric} of {name}");
            }
            let shown = format!("${{{name}_function_name}}");
            // Calls, errors, throttles and duration.
            assert_eq!(
                dashboard.matches(&shown).count(),
                4,
                "{environment}: {name} on the dashboard"
            );
        }
    });
}

/// Alarms show throttling: of state transitions by a metric of the machine, and of calls of the API's
/// function, which AWS counts only for the account, by a metric of ours.
#[test]
fn throttled_executions_and_throttled_starts_raise_an_alarm() {
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

/// DynamoDB counts what an index refuses under the table's name and the index's, and a throttled index blocks
/// writes to its table.
#[test]
fn a_throttled_index_raises_an_alarm() {
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
