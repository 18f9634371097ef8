//! Logs: where they go, and that nothing is dropped.

use serde_json::{Value, json};

use super::everywhere;

#[test]
fn the_machines_log_is_vended_and_complete() {
    everywhere(|environment, root| {
        let group = root.resource("aws_cloudwatch_log_group", "stepfunctions.order");
        assert_eq!(group["name"], format!("/aws/vendedlogs/states/dofs-{environment}-order"));
        let machine = root.resource("aws_sfn_state_machine", "stepfunctions.order");
        let log = &machine["logging_configuration"][0];
        assert_eq!(log["log_destination"], "${aws_cloudwatch_log_group.order.arn}:*");
        // The log must not have the customers' data.
        assert_eq!(log["include_execution_data"], false);
        // The rights must be there when the machine is made.
        assert_eq!(machine["depends_on"], json!(["aws_iam_role_policy.order"]));
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
