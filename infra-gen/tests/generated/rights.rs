//! The exact rights of every role of an environment: the (action, resource) pairs, written here a second time by hand,
//! so that a right is never added or removed by accident.

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::{config::Environment, roots};
use serde_json::Value;

pub(crate) type Pairs = BTreeSet<(String, String)>;

const LOGS: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];
const XRAY: &[&str] = &["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
const SAMPLING: &[&str] = &["xray:GetSamplingRules", "xray:GetSamplingTargets"];
const LOG_DELIVERY: &[&str] = &[
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
];

const ORDERS: &str = "${var.orders_table_arn}";
const FAILED_ORDERS: &str = "${var.failed_orders_table_arn}";
const ORDER_QUEUE: &str = "${var.order_queue_arn}";
const TABLES_KEY: &str = "${var.tables_key_arn} via dynamodb.ap-south-1.amazonaws.com";
const QUEUES_KEY: &str = "${var.queues_key_arn} via sqs.ap-south-1.amazonaws.com";
const SCHEDULES_KEY: &str = "${var.schedules_key_arn} via \
     arn:aws:scheduler:ap-south-1:333333333333:schedule/default/dofs-prod-reconcile-schedule";
const EXECUTIONS: &str = "${replace(var.order_machine_arn, \":stateMachine:\", \":execution:\")}:*";

/// Role, actions, resource. Rights on keys exist where the keys do: in prod.
const RIGHTS: &[(&str, &[&str], &str)] = &[
    ("api_handler", LOGS, "${aws_cloudwatch_log_group.api_handler.arn}:*"),
    ("api_handler", XRAY, "* XRayHasNoResources"),
    ("api_handler", &["states:StartExecution"], "${var.order_machine_arn}"),
    ("api_handler", &["states:DescribeExecution"], EXECUTIONS),
    ("api_handler", &["dynamodb:GetItem"], ORDERS),
    ("api_handler", &["kms:Decrypt"], TABLES_KEY),
    ("validator", LOGS, "${aws_cloudwatch_log_group.validator.arn}:*"),
    ("validator", XRAY, "* XRayHasNoResources"),
    ("order_storage", LOGS, "${aws_cloudwatch_log_group.order_storage.arn}:*"),
    ("order_storage", XRAY, "* XRayHasNoResources"),
    ("order_storage", &["dynamodb:PutItem", "dynamodb:GetItem"], ORDERS),
    ("order_storage", &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], TABLES_KEY),
    ("order_storage", &["sqs:SendMessage"], ORDER_QUEUE),
    ("order_storage", &["kms:Decrypt", "kms:GenerateDataKey"], QUEUES_KEY),
    ("fulfill_order", LOGS, "${aws_cloudwatch_log_group.fulfill_order.arn}:*"),
    ("fulfill_order", XRAY, "* XRayHasNoResources"),
    ("fulfill_order", &["dynamodb:GetItem", "dynamodb:UpdateItem"], ORDERS),
    ("fulfill_order", &["dynamodb:DeleteItem", "dynamodb:PutItem"], FAILED_ORDERS),
    ("fulfill_order", &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], TABLES_KEY),
    (
        "fulfill_order",
        &[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        ORDER_QUEUE,
    ),
    ("fulfill_order", &["kms:Decrypt"], QUEUES_KEY),
    ("reconcile_orders", LOGS, "${aws_cloudwatch_log_group.reconcile_orders.arn}:*"),
    ("reconcile_orders", XRAY, "* XRayHasNoResources"),
    ("reconcile_orders", &["dynamodb:GetItem", "dynamodb:UpdateItem"], ORDERS),
    ("reconcile_orders", &["dynamodb:Query"], "${var.orders_table_arn}/index/status-updated_at"),
    ("reconcile_orders", &["dynamodb:PutItem"], FAILED_ORDERS),
    ("reconcile_orders", &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], TABLES_KEY),
    ("reconcile_schedule", &["lambda:InvokeFunction"], "${aws_lambda_alias.reconcile_orders.arn}"),
    ("reconcile_schedule", &["kms:Decrypt"], SCHEDULES_KEY),
    ("order", XRAY, "* XRayHasNoResources"),
    ("order", SAMPLING, "* XRaySamplingHasNoResources"),
    ("order", LOG_DELIVERY, "* LogDeliveryHasNoResources"),
    ("order", &["lambda:InvokeFunction"], "${var.validator_alias_arn}"),
    ("order", &["lambda:InvokeFunction"], "${var.order_storage_alias_arn}"),
    ("order", &["dynamodb:GetItem", "dynamodb:PutItem"], ORDERS),
    ("order", &["dynamodb:PutItem"], FAILED_ORDERS),
    ("order", &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], TABLES_KEY),
];

/// Who may take each role on.
const TRUST: &[(&str, &str)] = &[
    ("api_handler", "lambda.amazonaws.com"),
    ("validator", "lambda.amazonaws.com"),
    ("order_storage", "lambda.amazonaws.com"),
    ("fulfill_order", "lambda.amazonaws.com"),
    ("reconcile_orders", "lambda.amazonaws.com"),
    ("reconcile_schedule", "scheduler.amazonaws.com, aws:SourceAccount"),
    ("order", "states.amazonaws.com, aws:SourceAccount"),
];

/// Reads what the generated policies of roles say.
pub(crate) fn generated(
    environment: Environment,
) -> (BTreeMap<String, Pairs>, BTreeMap<String, String>) {
    let (mut rights, mut trust) = (BTreeMap::new(), BTreeMap::new());
    for (path, text) in roots::environment(environment).files {
        if !path.ends_with("/main.tf.json") {
            continue;
        }
        let file: Value = serde_json::from_str(&text).unwrap();
        let Some(roles) = file["resource"]["aws_iam_role"].as_object() else { continue };
        for name in roles.keys() {
            let policy = |of: &str| {
                file["data"]["aws_iam_policy_document"][of]["statement"]
                    .as_array()
                    .cloned()
                    .unwrap()
            };
            assert_eq!(
                file["resource"]["aws_iam_role_policy"][name]["policy"],
                format!("${{data.aws_iam_policy_document.{name}.json}}")
            );
            rights.insert(name.clone(), policy(name).iter().flat_map(pairs).collect());
            let statement = &policy(&format!("{name}_trust"))[0];
            let principal = statement["principals"][0]["identifiers"][0].as_str().unwrap();
            let condition = statement["condition"][0]["variable"].as_str();
            let condition = condition.map_or(String::new(), |it| format!(", {it}"));
            trust.insert(name.clone(), format!("{principal}{condition}"));
        }
    }
    (rights, trust)
}

pub(crate) fn pairs(statement: &Value) -> Pairs {
    assert_eq!(statement["effect"], "Allow");
    let sid = statement["sid"].as_str().map_or(String::new(), |it| format!(" {it}"));
    let via = statement["condition"][0]["values"].as_array();
    let via = via.map_or(String::new(), |values| {
        let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
        format!(" via {}", values.join(", "))
    });
    let texts = |field: &str| -> Vec<String> {
        let list = statement[field].as_array().unwrap();
        list.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let mut pairs = Pairs::new();
    for action in texts("actions") {
        for resource in texts("resources") {
            pairs.insert((action.clone(), format!("{resource}{sid}{via}")));
        }
    }
    pairs
}

#[test]
fn every_role_may_do_exactly_this() {
    fn check(environment: Environment) {
        let with_keys = environment == Environment::Prod;
        let mut expected: BTreeMap<String, Pairs> = BTreeMap::new();
        for (role, actions, resource) in RIGHTS {
            let pairs = expected.entry((*role).to_owned()).or_default();
            if with_keys || !resource.contains("_key_arn") {
                pairs.extend(actions.iter().map(|it| ((*it).to_owned(), (*resource).to_owned())));
            }
        }
        let (rights, trust) = generated(environment);
        assert_eq!(rights, expected, "rule 2, rights, in {environment}");
        let expected: BTreeMap<_, _> =
            TRUST.iter().map(|(role, who)| ((*role).to_owned(), (*who).to_owned())).collect();
        assert_eq!(trust, expected, "rule 2, trust, in {environment}");
    }
    Environment::ALL.into_iter().for_each(check);
}
