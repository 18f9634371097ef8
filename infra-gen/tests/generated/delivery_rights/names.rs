//! Names of resources against the patterns in rights.

use std::collections::BTreeSet;

use infra_gen::config::Environment;

use super::{Apply, account, expected, fits};

/// The names that Terraform gives, against the patterns of the role that must be able to make them.
#[test]
fn what_is_applied_is_called_as_the_rights_say() {
    /// Types with names of our making, the argument that holds the name, and its place in an ARN.
    const NAMED: &[(&str, &str, &str)] = &[
        ("aws_cloudwatch_dashboard", "dashboard_name", "arn:aws:cloudwatch::{a}:dashboard/"),
        ("aws_cloudwatch_log_group", "name", "arn:aws:logs:{r}:log-group:"),
        ("aws_cloudwatch_metric_alarm", "alarm_name", "arn:aws:cloudwatch:{r}:alarm:"),
        ("aws_dynamodb_table", "name", "arn:aws:dynamodb:{r}:table/"),
        ("aws_iam_role", "name", "arn:aws:iam::{a}:role/"),
        ("aws_kms_alias", "name", "arn:aws:kms:{r}:"),
        ("aws_lambda_function", "function_name", "arn:aws:lambda:{r}:function:"),
        ("aws_scheduler_schedule", "name", "arn:aws:scheduler:{r}:schedule/default/"),
        ("aws_sfn_state_machine", "name", "arn:aws:states:{r}:stateMachine:"),
        ("aws_sns_topic", "name", "arn:aws:sns:{r}:"),
        ("aws_sqs_queue", "name", "arn:aws:sqs:{r}:"),
    ];
    for environment in Environment::ALL {
        let root = crate::root::Root::of(environment);
        let patterns: BTreeSet<String> =
            expected(environment, Apply).into_iter().map(|(_, resource)| resource).collect();
        let account = account(environment);
        for (tf_type, argument, arn) in NAMED {
            let resources = root.resources(tf_type);
            assert!(!resources.is_empty(), "{tf_type}");
            for (address, resource) in resources {
                let name = resource[*argument].as_str().unwrap();
                let arn = arn.replace("{r}", &format!("ap-south-1:{account}"));
                let arn = format!("{}{name}", arn.replace("{a}", account));
                let fits = patterns.iter().any(|it| fits(it, &arn));
                assert!(fits, "{tf_type} {address}: no role may create {arn}");
            }
        }
    }
}
