//! Limits that one resource sets to another.

use infra_gen::config::Environment;
use serde_json::{Value, json};

use super::everywhere;

#[test]
fn dead_letters_outlive_the_queue() {
    everywhere(|_, root| {
        let kept = |name| {
            root.resource("aws_sqs_queue", name)["message_retention_seconds"].as_u64().unwrap()
        };
        assert!(kept("sqs.order_dlq") > kept("sqs.order_queue"));
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
fn executions_end_before_aws_ends_them() {
    // STANDARD executions last a year at most, and hold 25,000 events: no more than five for each attempt.
    everywhere(|_, root| {
        let machine = root.file("order.asl.json");
        let seconds = machine["TimeoutSeconds"].as_u64().unwrap();
        assert!(seconds <= 365 * 86_400);
        let state = |name: &str| &machine["States"][name];
        let attempts = |name: &str| {
            let retriers = state(name)["Retry"].as_array().into_iter().flatten();
            1 + retriers.map(|it| it["MaxAttempts"].as_u64().unwrap()).sum::<u64>()
        };
        for round in [
            &["RecordFailure", "WhyCanceled", "ReadRecord", "WhoseRecord", "RecordFailureLater"][..],
            &["RecordRejection", "RecordRejectionLater"],
        ] {
            assert_eq!(state(round[round.len() - 1])["Next"], round[0]);
            let waits = state(round[round.len() - 1])["Seconds"].as_u64().unwrap();
            let once: u64 = round.iter().map(|it| attempts(it) * 5).sum();
            assert!((seconds / waits + 1) * once < 25_000, "{round:?}");
        }
    });
}

/// Step Functions starts 150 executions a second in Mumbai, of 800 at once, and lets them enter 800 states a
/// second, of 800 at once. <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
/// An order enters four states at most, unless a call is tried again: `ValidateOrder`, `ValidOrInvalid`, `StoreOrder` and an
/// end.
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

/// A stage's limits hold for each method by itself, and a read of an unknown order waits for 1.6 seconds.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
#[test]
fn reads_that_wait_leave_orders_their_concurrency() {
    everywhere(|environment, root| {
        let settings = root.resource("aws_api_gateway_method_settings", "api_gateway.orders");
        let limit = |name: &str| settings["settings"][0][name].as_f64().unwrap();
        let (rate, burst) = (limit("throttling_rate_limit"), limit("throttling_burst_limit"));
        let function = root.resource("aws_lambda_function", "lambdas.api_handler");
        let Some(reserved) = function["reserved_concurrent_executions"].as_f64() else {
            assert_eq!(environment, Environment::Dev);
            return;
        };
        assert!(reserved >= burst + burst + rate * 1.6, "{environment}: {reserved}");
    });
}
