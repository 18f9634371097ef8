//! Who may do what on resources that not every environment has.

use super::{All, Apply, By, Smoke, table::ANY};

/// The permissions for subscribers to the alarms, which only staging and prod have.
pub(super) const SUBSCRIBERS: &[(By, &[&str], &str)] = &[
    (Apply, &["sns:Subscribe"], "arn:aws:sns:{r}:{p}-*"),
    // Of a subscription, AWS makes no resource.
    (All, &["sns:GetSubscriptionAttributes"], ANY),
    (Apply, &["sns:Unsubscribe"], ANY),
];

/// The permissions for an API with keys and a firewall, which only prod has.
pub(super) const SHIELDED: &[(By, &[&str], &str)] = &[
    (Apply, &["apigateway:POST"], "arn:aws:apigateway:ap-south-1::/apikeys"),
    (All, &["apigateway:GET"], "arn:aws:apigateway:ap-south-1::/apikeys/*"),
    (
        Apply,
        &["apigateway:DELETE", "apigateway:PATCH"],
        "arn:aws:apigateway:ap-south-1::/apikeys/*",
    ),
    (Apply, &["apigateway:POST"], "arn:aws:apigateway:ap-south-1::/usageplans"),
    (All, &["apigateway:GET"], "arn:aws:apigateway:ap-south-1::/usageplans/*"),
    (
        Apply,
        &["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST"],
        "arn:aws:apigateway:ap-south-1::/usageplans/*",
    ),
    (
        All,
        &[
            "wafv2:GetLoggingConfiguration",
            "wafv2:GetWebACL",
            "wafv2:GetWebACLForResource",
            "wafv2:ListTagsForResource",
        ],
        "arn:aws:wafv2:{r}:regional/webacl/{p}-*",
    ),
    (
        Apply,
        &[
            "wafv2:AssociateWebACL",
            "wafv2:CreateWebACL",
            "wafv2:DeleteLoggingConfiguration",
            "wafv2:DeleteWebACL",
            "wafv2:PutLoggingConfiguration",
            "wafv2:TagResource",
            "wafv2:UntagResource",
            "wafv2:UpdateWebACL",
        ],
        "arn:aws:wafv2:{r}:regional/webacl/{p}-*",
    ),
    (
        Apply,
        &["wafv2:CreateWebACL", "wafv2:UpdateWebACL"],
        "arn:aws:wafv2:{r}:regional/managedruleset/*",
    ),
    (All, &["wafv2:GetWebACLForResource"], "arn:aws:apigateway:ap-south-1::/restapis/*"),
    (
        Apply,
        &["apigateway:SetWebACL", "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"],
        "arn:aws:apigateway:ap-south-1::/restapis/*",
    ),
    (
        Apply,
        &[
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeResourcePolicies",
            "logs:PutResourcePolicy",
        ],
        ANY,
    ),
    (All, &["logs:ListTagsForResource"], "arn:aws:logs:{r}:log-group:aws-waf-logs-{p}*"),
    (
        Apply,
        &[
            "logs:AssociateKmsKey",
            "logs:CreateLogGroup",
            "logs:DeleteLogGroup",
            "logs:DisassociateKmsKey",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
        ],
        "arn:aws:logs:{r}:log-group:aws-waf-logs-{p}*",
    ),
];

/// The permissions for customer keys, which only prod has. DynamoDB and EventBridge Scheduler use the
/// key with the permissions of the role that creates the table or the schedule. Creating a queue, a topic or a log group
/// needs no permission on the key. A role that reads a table or receives from a queue needs `kms:Decrypt`.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz>,
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policy-examples.html>,
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#sqs-what-permissions-for-sse>
pub(super) const KEYED: &[(By, &[&str], &str)] = &[
    (
        Apply,
        &[
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
        "arn:aws:kms:{r}:key/* via dynamodb.ap-south-1.amazonaws.com",
    ),
    (
        Apply,
        &["kms:Decrypt", "kms:GenerateDataKey"],
        "arn:aws:kms:{r}:key/* via scheduler.ap-south-1.amazonaws.com",
    ),
    (Smoke, &["kms:Decrypt"], "arn:aws:kms:{r}:key/* via dynamodb.ap-south-1.amazonaws.com"),
    (Smoke, &["kms:Decrypt"], "arn:aws:kms:{r}:key/* via sqs.ap-south-1.amazonaws.com"),
];
