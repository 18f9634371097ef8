//! AWS's API models: every argument that becomes a part of a request, checked by botocore's model of the service.

use std::io::{self, Write as _};
use std::{collections::BTreeMap, path::Path};

use local_aws::Tools;
use serde::Deserialize;

use crate::{findings::Finding, generated};

#[derive(Debug, Deserialize)]
struct Said {
    resources: usize,
    types: usize,
    /// The number of judged arguments, by root.
    values: BTreeMap<String, usize>,
    findings: Vec<Finding>,
    /// Rows of `members.txt` that no resource needs.
    idle: Vec<String>,
}

fn ask(folder: &Path) -> Result<Said, String> {
    // The emulator comes with botocore.
    let tools = Tools::prepare(&generated::tools_folder()).unwrap_or_else(|err| panic!("{err}"));
    generated::ask(&tools, "api_models.py", folder)
}

#[test]
fn the_service_accepts_every_argument() {
    let said = ask(&generated::committed()).unwrap_or_else(|err| panic!("{err}"));
    let Said { resources, types, values, findings, idle } = said;
    let _ = writeln!(
        io::stdout(),
        "measured: arguments by botocore's models: {resources} resources of {types} types, {} values, {} of prod: \
         {} violations",
        values.values().sum::<usize>(),
        values["prod"] + values["bootstrap/prod"],
        findings.len(),
    );
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(idle.is_empty(), "no resource needs these rows of members.txt: {idle:#?}");
    assert!(values["prod"] > 1_500, "{values:?}");
}

#[test]
fn a_fault_in_an_argument_is_found() {
    const LAMBDAS: &str = "dev/modules/lambdas/main.tf.json";
    let faults = [
        (
            "dev/modules/stepfunctions/main.tf.json",
            "\"level\": \"ALL\"",
            "\"level\": \"EVERYTHING\"",
        ),
        (
            "dev/modules/stepfunctions/main.tf.json",
            "/aws/vendedlogs/states/dofs-dev-order",
            "/aws/vendedlogs/states/dofs dev order",
        ),
        (LAMBDAS, "\"maximum_event_age_in_seconds\": 60", "\"maximum_event_age_in_seconds\": 59"),
        (LAMBDAS, "\"batch_size\": 10", "\"batch_size\": \"ten\""),
        (LAMBDAS, "\"mode\": \"OFF\"", "\"maximum_window_in_minutes\": 5"),
        ("prod/modules/api_gateway/main.tf.json", "\"priority\": 2,", ""),
        (
            "bootstrap/dev/modules/delivery/main.tf.json",
            "\"name\": \"dofs-delivery-plan-dev\"",
            "\"name\": \"dofs-delivery-plan-dev-which-is-longer-than-the-64-letters-of-a-role\"",
        ),
    ];
    let said = ask(&generated::with("judges-api", faults)).unwrap_or_else(|err| panic!("{err}"));
    for (issue, what, address) in [
        ("enum", "LogLevel 'EVERYTHING'", "dev: module.stepfunctions.aws_sfn_state_machine.order"),
        ("pattern", "LogGroupName ", "dev: module.stepfunctions.aws_cloudwatch_log_group.order"),
        ("range", "MaximumEventAgeInSeconds 59", "dev: module.lambdas.aws_scheduler_schedule."),
        ("type", "BatchSize 'ten'", "dev: module.lambdas.aws_lambda_event_source_mapping."),
        ("no row", "not in members.txt", "dev: module.lambdas.aws_scheduler_schedule."),
        ("required", "FlexibleTimeWindow", "dev: module.lambdas.aws_scheduler_schedule."),
        ("required", "Rules[].Priority", "prod: module.api_gateway.aws_wafv2_web_acl.orders"),
        (
            "length",
            "which-is-longer",
            "bootstrap/dev: module.delivery.aws_iam_role.delivery_plan_dev",
        ),
    ] {
        let found = said.findings.iter().any(|it| it.is("botocore", issue, what, address));
        assert!(found, "{issue}: {what}: {address}\n{:#?}", said.findings);
    }
}

/// Most rows do not apply to the account of the pipeline alone.
#[test]
fn a_row_that_no_resource_needs_is_found() {
    let said = ask(&generated::committed().join("bootstrap/delivery")).unwrap();
    assert!(said.findings.is_empty(), "{:#?}", said.findings);
    assert!(said.idle.iter().any(|it| it == "aws_sqs_queue: name"), "{:?}", said.idle);
    assert!(!said.idle.iter().any(|it| it == "aws_s3_bucket: bucket"), "{:?}", said.idle);
}
