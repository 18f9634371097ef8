//! The actions of each type of resource: the calls of the AWS provider to read and to change it, and the calls of
//! `dofs` to follow an order through it.
//!
//! In the ARNs, `{region}`, `{account}` and `{prefix}` are placeholders for those of the root. The resource is `*` if
//! an action supports no resources, or if a resource has no id before it is created.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

/// A row: the types, the resource's ARN, and the actions.
pub(super) struct Row {
    pub(super) tf_types: &'static [&'static str],
    pub(super) on: &'static str,
    pub(super) read: &'static [&'static str],
    pub(super) change: &'static [&'static str],
    pub(super) follow: &'static [&'static str],
    /// Whether the actions are allowed only for roles with the root's boundary.
    pub(super) bounded: bool,
}

const fn row(
    tf_types: &'static [&'static str],
    on: &'static str,
    read: &'static [&'static str],
    change: &'static [&'static str],
) -> Row {
    Row { tf_types, on, read, change, follow: &[], bounded: false }
}

const fn bounded(row: Row) -> Row {
    Row { bounded: true, ..row }
}

const fn followed(row: Row, follow: &'static [&'static str]) -> Row {
    Row { follow, ..row }
}

/// The resource of actions that support no resources.
pub(super) const ANY: &str = "*";

const API: &[&str] = &[
    "aws_api_gateway_deployment",
    "aws_api_gateway_gateway_response",
    "aws_api_gateway_integration",
    "aws_api_gateway_integration_response",
    "aws_api_gateway_method",
    "aws_api_gateway_method_response",
    "aws_api_gateway_method_settings",
    "aws_api_gateway_model",
    "aws_api_gateway_request_validator",
    "aws_api_gateway_resource",
    "aws_api_gateway_rest_api",
    "aws_api_gateway_rest_api_policy",
    "aws_api_gateway_stage",
];
const LOG_GROUP: &[&str] = &[
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DisassociateKmsKey",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
];
const QUEUE: &[&str] = &[
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_sqs_queue_redrive_allow_policy",
    "aws_sqs_queue_redrive_policy",
];

pub(super) const TABLE: &[Row] = &[
    // AWS generates the ids of APIs, so a path can only contain the kind of resource.
    row(API, "arn:aws:apigateway:{region}::/restapis", &[], &["apigateway:POST"]),
    row(
        API,
        "arn:aws:apigateway:{region}::/restapis/*",
        &["apigateway:GET"],
        &["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"],
    ),
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html>
    row(
        &["aws_api_gateway_rest_api_policy"],
        "arn:aws:apigateway:{region}::/restapis/*",
        &[],
        &["apigateway:UpdateRestApiPolicy"],
    ),
    row(API, "arn:aws:apigateway:{region}::/tags/*", &[], &["apigateway:DELETE", "apigateway:PUT"]),
    row(
        &["aws_api_gateway_api_key"],
        "arn:aws:apigateway:{region}::/apikeys",
        &[],
        &["apigateway:POST"],
    ),
    row(
        &["aws_api_gateway_api_key"],
        "arn:aws:apigateway:{region}::/apikeys/*",
        &["apigateway:GET"],
        &["apigateway:DELETE", "apigateway:PATCH"],
    ),
    row(
        &["aws_api_gateway_usage_plan"],
        "arn:aws:apigateway:{region}::/usageplans",
        &[],
        &["apigateway:POST"],
    ),
    // The path of a usage plan's keys is below that of the plan.
    row(
        &["aws_api_gateway_usage_plan", "aws_api_gateway_usage_plan_key"],
        "arn:aws:apigateway:{region}::/usageplans/*",
        &["apigateway:GET"],
        &["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST"],
    ),
    row(
        &["aws_wafv2_web_acl"],
        "arn:aws:wafv2:{region}:{account}:regional/webacl/{prefix}-*",
        &["wafv2:GetWebACL", "wafv2:ListTagsForResource"],
        &[
            "wafv2:CreateWebACL",
            "wafv2:DeleteWebACL",
            "wafv2:TagResource",
            "wafv2:UntagResource",
            "wafv2:UpdateWebACL",
        ],
    ),
    // A web ACL with managed rule groups needs rights on these groups, too.
    row(
        &["aws_wafv2_web_acl"],
        "arn:aws:wafv2:{region}:{account}:regional/managedruleset/*",
        &[],
        &["wafv2:CreateWebACL", "wafv2:UpdateWebACL"],
    ),
    row(
        &["aws_wafv2_web_acl_association"],
        "arn:aws:wafv2:{region}:{account}:regional/webacl/{prefix}-*",
        &["wafv2:GetWebACLForResource"],
        &["wafv2:AssociateWebACL"],
    ),
    row(
        &["aws_wafv2_web_acl_association"],
        "arn:aws:apigateway:{region}::/restapis/*",
        &["wafv2:GetWebACLForResource"],
        &["apigateway:SetWebACL", "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"],
    ),
    row(
        &["aws_wafv2_web_acl_logging_configuration"],
        "arn:aws:wafv2:{region}:{account}:regional/webacl/{prefix}-*",
        &["wafv2:GetLoggingConfiguration"],
        &["wafv2:DeleteLoggingConfiguration", "wafv2:PutLoggingConfiguration"],
    ),
    // WAF creates the log delivery in the caller's name.
    // <https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html>
    row(
        &["aws_wafv2_web_acl_logging_configuration"],
        ANY,
        &[],
        &[
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:PutResourcePolicy",
        ],
    ),
    row(
        &["aws_cloudwatch_dashboard"],
        "arn:aws:cloudwatch::{account}:dashboard/{prefix}*",
        &["cloudwatch:GetDashboard"],
        &["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"],
    ),
    row(
        &["aws_cloudwatch_metric_alarm"],
        "arn:aws:cloudwatch:{region}:{account}:alarm:{prefix}-*",
        &["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
        &[
            "cloudwatch:DeleteAlarms",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource",
        ],
    ),
    row(&["aws_cloudwatch_log_group"], ANY, &["logs:DescribeLogGroups"], &[]),
    row(
        &["aws_cloudwatch_log_group"],
        "arn:aws:logs:{region}:{account}:log-group:/aws/*{prefix}-*",
        &["logs:ListTagsForResource"],
        LOG_GROUP,
    ),
    // WAF requires this prefix of the log group's name.
    row(
        &["aws_wafv2_web_acl_logging_configuration"],
        "arn:aws:logs:{region}:{account}:log-group:aws-waf-logs-{prefix}*",
        &["logs:ListTagsForResource"],
        LOG_GROUP,
    ),
    followed(
        row(
            &["aws_dynamodb_table"],
            "arn:aws:dynamodb:{region}:{account}:table/{prefix}-*",
            &[
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeTable",
                "dynamodb:DescribeTimeToLive",
                "dynamodb:ListTagsOfResource",
            ],
            &[
                "dynamodb:CreateTable",
                "dynamodb:DeleteTable",
                "dynamodb:TagResource",
                "dynamodb:UntagResource",
                "dynamodb:UpdateContinuousBackups",
                "dynamodb:UpdateTable",
                "dynamodb:UpdateTimeToLive",
            ],
        ),
        &["dynamodb:BatchGetItem"],
    ),
    row(
        &["aws_iam_role"],
        "arn:aws:iam::{account}:role/{prefix}-*",
        &["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
        &[
            "iam:DeleteRole",
            "iam:ListInstanceProfilesForRole",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
        ],
    ),
    // The right boundary can be set, and no boundary can be removed.
    bounded(row(
        &["aws_iam_role"],
        "arn:aws:iam::{account}:role/{prefix}-*",
        &[],
        &["iam:CreateRole", "iam:PutRolePermissionsBoundary"],
    )),
    row(
        &["aws_iam_role_policy"],
        "arn:aws:iam::{account}:role/{prefix}-*",
        &["iam:GetRolePolicy"],
        &[],
    ),
    bounded(row(
        &["aws_iam_role_policy"],
        "arn:aws:iam::{account}:role/{prefix}-*",
        &[],
        &["iam:DeleteRolePolicy", "iam:PutRolePolicy"],
    )),
    row(&["aws_kms_key"], ANY, &[], &["kms:CreateKey"]),
    // AWS generates the ids of keys.
    row(
        &["aws_kms_key"],
        "arn:aws:kms:{region}:{account}:key/*",
        &[
            "kms:DescribeKey",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
        ],
        &[
            "kms:EnableKeyRotation",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
        ],
    ),
    row(&["aws_kms_alias"], ANY, &["kms:ListAliases"], &[]),
    row(
        &["aws_kms_alias"],
        "arn:aws:kms:{region}:{account}:alias/{prefix}-*",
        &[],
        &["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
    ),
    row(
        &["aws_kms_alias"],
        "arn:aws:kms:{region}:{account}:key/*",
        &[],
        &["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
    ),
    row(
        &["aws_lambda_function"],
        "arn:aws:lambda:{region}:{account}:function:{prefix}-*",
        &[
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:ListVersionsByFunction",
        ],
        &[
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetFunctionConfiguration",
            "lambda:PublishVersion",
            "lambda:PutFunctionConcurrency",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ],
    ),
    row(
        &["aws_lambda_alias"],
        "arn:aws:lambda:{region}:{account}:function:{prefix}-*",
        &["lambda:GetAlias"],
        &["lambda:CreateAlias", "lambda:DeleteAlias", "lambda:UpdateAlias"],
    ),
    row(
        &["aws_lambda_permission"],
        "arn:aws:lambda:{region}:{account}:function:{prefix}-*",
        &["lambda:GetPolicy"],
        &["lambda:AddPermission", "lambda:RemovePermission"],
    ),
    row(&["aws_lambda_event_source_mapping"], ANY, &[], &["lambda:CreateEventSourceMapping"]),
    row(
        &["aws_lambda_event_source_mapping"],
        "arn:aws:lambda:{region}:{account}:event-source-mapping:*",
        &["lambda:GetEventSourceMapping", "lambda:ListTags"],
        &[
            "lambda:DeleteEventSourceMapping",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateEventSourceMapping",
        ],
    ),
    row(
        &["aws_scheduler_schedule"],
        "arn:aws:scheduler:{region}:{account}:schedule/default/{prefix}-*",
        &["scheduler:GetSchedule"],
        &["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"],
    ),
    // The provider validates a definition when it plans.
    row(&["aws_sfn_state_machine"], ANY, &["states:ValidateStateMachineDefinition"], &[]),
    row(
        &["aws_sfn_state_machine"],
        "arn:aws:states:{region}:{account}:stateMachine:{prefix}-*",
        &[
            "states:DescribeStateMachine",
            "states:ListStateMachineVersions",
            "states:ListTagsForResource",
        ],
        &[
            "states:CreateStateMachine",
            "states:DeleteStateMachine",
            "states:TagResource",
            "states:UntagResource",
            "states:UpdateStateMachine",
        ],
    ),
    followed(
        row(
            &["aws_sfn_state_machine"],
            "arn:aws:states:{region}:{account}:execution:{prefix}-*",
            &[],
            &[],
        ),
        &["states:DescribeExecution"],
    ),
    row(
        &["aws_sns_topic", "aws_sns_topic_policy"],
        "arn:aws:sns:{region}:{account}:{prefix}-*",
        &["sns:GetTopicAttributes", "sns:ListTagsForResource"],
        &[
            "sns:CreateTopic",
            "sns:DeleteTopic",
            "sns:SetTopicAttributes",
            "sns:TagResource",
            "sns:UntagResource",
        ],
    ),
    row(
        &["aws_sns_topic_subscription"],
        "arn:aws:sns:{region}:{account}:{prefix}-*",
        &[],
        &["sns:Subscribe"],
    ),
    row(
        &["aws_sns_topic_subscription"],
        ANY,
        &["sns:GetSubscriptionAttributes"],
        &["sns:Unsubscribe"],
    ),
    row(
        QUEUE,
        "arn:aws:sqs:{region}:{account}:{prefix}-*",
        &["sqs:GetQueueAttributes", "sqs:ListQueueTags"],
        &[
            "sqs:CreateQueue",
            "sqs:DeleteQueue",
            "sqs:SetQueueAttributes",
            "sqs:TagQueue",
            "sqs:UntagQueue",
        ],
    ),
    // Only of the dead-letter queue: the messages of orders in progress stay out of reach.
    followed(
        row(&["aws_sqs_queue"], "arn:aws:sqs:{region}:{account}:{prefix}-*-dlq", &[], &[]),
        &["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
    ),
];

/// The actions on a customer managed key that a service calls in the caller's name, for a type of resource.
pub(super) struct KeyUse {
    pub(super) tf_type: &'static str,
    /// The first part of the service's host name. The actions are allowed only through this service.
    pub(super) service: &'static str,
    pub(super) change: &'static [&'static str],
    pub(super) follow: &'static [&'static str],
}

/// Every type that names a customer managed key. All of them also need `kms:DescribeKey`, which the row of `aws_kms_key`
/// has. A service that needs no permission of the caller who changes a resource uses the key later, for messages or log
/// lines: in the name of who sends or receives them, or in its own name by the key policy.
pub(super) const KEY_USES: &[KeyUse] = &[
    // <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
    KeyUse { tf_type: "aws_cloudwatch_log_group", service: "logs", change: &[], follow: &[] },
    // <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz>
    KeyUse {
        tf_type: "aws_dynamodb_table",
        service: "dynamodb",
        change: &[
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
        follow: &["kms:Decrypt"],
    },
    // The alias of the key.
    KeyUse { tf_type: "aws_kms_alias", service: "kms", change: &[], follow: &[] },
    // <https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policy-examples.html>
    KeyUse {
        tf_type: "aws_scheduler_schedule",
        service: "scheduler",
        change: &["kms:Decrypt", "kms:GenerateDataKey"],
        follow: &[],
    },
    // <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html>
    KeyUse { tf_type: "aws_sns_topic", service: "sns", change: &[], follow: &[] },
    // <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html>
    // A receiver of a message decrypts its data key.
    KeyUse { tf_type: "aws_sqs_queue", service: "sqs", change: &[], follow: &["kms:Decrypt"] },
];
