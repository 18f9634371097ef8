//! Who may do what on the resources of every environment.

use super::{All, Apply, By, Readers, Smoke};

pub(super) const ANY: &str = "* MadeOrListedHasNoResources";

/// `{r}` stands for region and account, `{a}` for the account, `{p}` for the names of the environment.
pub(super) const RIGHTS: &[(By, &[&str], &str)] = &[
    (All, &["apigateway:GET"], "arn:aws:apigateway:ap-south-1::/restapis/*"),
    (Apply, &["apigateway:POST"], "arn:aws:apigateway:ap-south-1::/restapis"),
    (
        Apply,
        &["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"],
        "arn:aws:apigateway:ap-south-1::/restapis/*",
    ),
    (Apply, &["apigateway:DELETE", "apigateway:PUT"], "arn:aws:apigateway:ap-south-1::/tags/*"),
    (All, &["cloudwatch:GetDashboard"], "arn:aws:cloudwatch::{a}:dashboard/{p}*"),
    (
        Apply,
        &["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"],
        "arn:aws:cloudwatch::{a}:dashboard/{p}*",
    ),
    (
        All,
        &["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
        "arn:aws:cloudwatch:{r}:alarm:{p}-*",
    ),
    (
        Apply,
        &[
            "cloudwatch:DeleteAlarms",
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:TagResource",
            "cloudwatch:UntagResource",
        ],
        "arn:aws:cloudwatch:{r}:alarm:{p}-*",
    ),
    (All, &["logs:DescribeLogGroups"], ANY),
    (All, &["logs:ListTagsForResource"], "arn:aws:logs:{r}:log-group:/aws/*{p}-*"),
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
        "arn:aws:logs:{r}:log-group:/aws/*{p}-*",
    ),
    (
        All,
        &[
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:ListTagsOfResource",
        ],
        "arn:aws:dynamodb:{r}:table/{p}-*",
    ),
    (
        Apply,
        &[
            "dynamodb:CreateTable",
            "dynamodb:DeleteTable",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ],
        "arn:aws:dynamodb:{r}:table/{p}-*",
    ),
    (Smoke, &["dynamodb:BatchGetItem"], "arn:aws:dynamodb:{r}:table/{p}-*"),
    (
        All,
        &[
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
        ],
        "arn:aws:iam::{a}:role/{p}-*",
    ),
    (
        Apply,
        &[
            "iam:DeleteRole",
            "iam:ListInstanceProfilesForRole",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
        ],
        "arn:aws:iam::{a}:role/{p}-*",
    ),
    // Whoever applies makes no role that may do more than the boundary says, and takes no boundary away.
    (
        Apply,
        &[
            "iam:CreateRole",
            "iam:DeleteRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
        ],
        "arn:aws:iam::{a}:role/{p}-* via arn:aws:iam::{a}:policy/dofs-boundary-{e}",
    ),
    (
        Apply,
        &["iam:PassRole"],
        "arn:aws:iam::{a}:role/{p}-* via lambda.amazonaws.com, scheduler.amazonaws.com, \
         states.amazonaws.com",
    ),
    (Apply, &["kms:CreateKey"], ANY),
    (All, &["kms:ListAliases"], ANY),
    (
        All,
        &[
            "kms:DescribeKey",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
        ],
        "arn:aws:kms:{r}:key/*",
    ),
    (
        Apply,
        &[
            "kms:CreateAlias",
            "kms:DeleteAlias",
            "kms:EnableKeyRotation",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
        ],
        "arn:aws:kms:{r}:key/*",
    ),
    (
        Apply,
        &["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"],
        "arn:aws:kms:{r}:alias/{p}-*",
    ),
    (
        All,
        &[
            "lambda:GetAlias",
            "lambda:GetFunction",
            "lambda:GetFunctionCodeSigningConfig",
            "lambda:GetPolicy",
            "lambda:ListVersionsByFunction",
        ],
        "arn:aws:lambda:{r}:function:{p}-*",
    ),
    (
        Apply,
        &[
            "lambda:AddPermission",
            "lambda:CreateAlias",
            "lambda:CreateFunction",
            "lambda:DeleteAlias",
            "lambda:DeleteFunction",
            "lambda:DeleteFunctionConcurrency",
            "lambda:GetFunctionConfiguration",
            "lambda:PublishVersion",
            "lambda:PutFunctionConcurrency",
            "lambda:RemovePermission",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateAlias",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ],
        "arn:aws:lambda:{r}:function:{p}-*",
    ),
    (Apply, &["lambda:CreateEventSourceMapping"], ANY),
    (
        All,
        &["lambda:GetEventSourceMapping", "lambda:ListTags"],
        "arn:aws:lambda:{r}:event-source-mapping:*",
    ),
    (
        Apply,
        &[
            "lambda:DeleteEventSourceMapping",
            "lambda:TagResource",
            "lambda:UntagResource",
            "lambda:UpdateEventSourceMapping",
        ],
        "arn:aws:lambda:{r}:event-source-mapping:*",
    ),
    (All, &["scheduler:GetSchedule"], "arn:aws:scheduler:{r}:schedule/default/{p}-*"),
    (
        Apply,
        &["scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:UpdateSchedule"],
        "arn:aws:scheduler:{r}:schedule/default/{p}-*",
    ),
    (All, &["states:ValidateStateMachineDefinition"], ANY),
    (
        All,
        &[
            "states:DescribeStateMachine",
            "states:ListStateMachineVersions",
            "states:ListTagsForResource",
        ],
        "arn:aws:states:{r}:stateMachine:{p}-*",
    ),
    (
        Apply,
        &[
            "states:CreateStateMachine",
            "states:DeleteStateMachine",
            "states:TagResource",
            "states:UntagResource",
            "states:UpdateStateMachine",
        ],
        "arn:aws:states:{r}:stateMachine:{p}-*",
    ),
    (Smoke, &["states:DescribeExecution"], "arn:aws:states:{r}:execution:{p}-*"),
    (All, &["sns:GetTopicAttributes", "sns:ListTagsForResource"], "arn:aws:sns:{r}:{p}-*"),
    (
        Apply,
        &[
            "sns:CreateTopic",
            "sns:DeleteTopic",
            "sns:SetTopicAttributes",
            "sns:TagResource",
            "sns:UntagResource",
        ],
        "arn:aws:sns:{r}:{p}-*",
    ),
    (All, &["sqs:GetQueueAttributes", "sqs:ListQueueTags"], "arn:aws:sqs:{r}:{p}-*"),
    (
        Smoke,
        &["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
        "arn:aws:sqs:{r}:{p}-*-dlq",
    ),
    (
        Apply,
        &[
            "sqs:CreateQueue",
            "sqs:DeleteQueue",
            "sqs:SetQueueAttributes",
            "sqs:TagQueue",
            "sqs:UntagQueue",
        ],
        "arn:aws:sqs:{r}:{p}-*",
    ),
    (All, &["s3:ListBucket"], "arn:aws:s3:::dofs-tfstate-{a}-ap-south-1"),
    (Readers, &["s3:GetObject"], "arn:aws:s3:::dofs-tfstate-{a}-ap-south-1/{state}"),
    (Apply, &["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::dofs-tfstate-{a}-ap-south-1/{state}"),
    (
        Apply,
        &["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
        "arn:aws:s3:::dofs-tfstate-{a}-ap-south-1/{state}.tflock",
    ),
];
