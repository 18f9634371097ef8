//! The permissions and connections that the generator derives. The names above them already exist in DOFS.

const LOGS: &[&str] = &["logs:CreateLogStream", "logs:PutLogEvents"];
const XRAY: &[&str] = &["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
const ORDERS: &str = "${var.orders_table_arn}";
const TABLES_KEY: &str = "${var.tables_key_arn} via dynamodb.ap-south-1.amazonaws.com";
const QUEUES_KEY: &str = "${var.queues_key_arn} via sqs.ap-south-1.amazonaws.com";

const ANNOUNCEMENTS: &str = "${var.announcements_queue_arn}";

/// Role, actions, resource. Permissions on keys exist only in prod, because only prod has the keys.
pub const RIGHTS: &[(&str, &[&str], &str)] = &[
    ("announce_order", LOGS, "${aws_cloudwatch_log_group.announce_order.arn}:*"),
    ("announce_order", XRAY, "* XRayHasNoResources"),
    ("announce_order", &["dynamodb:GetItem"], ORDERS),
    ("announce_order", &["kms:Decrypt"], TABLES_KEY),
    (
        "announce_order",
        &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        ANNOUNCEMENTS,
    ),
    ("announce_order", &["kms:Decrypt"], QUEUES_KEY),
    ("order", &["sqs:SendMessage"], ANNOUNCEMENTS),
    ("order", &["kms:Decrypt", "kms:GenerateDataKey"], QUEUES_KEY),
];

/// Arrows of the graph, without those of alarms.
pub const ARROWS: &[&str] = &[
    "function_announce_order -> table_orders: GetItem",
    "queue_announcements -> function_announce_order: messages",
    "queue_announcements -> queue_announcements_dlq: after 5 receives",
    "state_machine_order -> queue_announcements: SendMessage",
];
