//! What every role of the delivery may do: the builds' and the pipeline's, those that they take on in
//! an environment's account, and those of pull requests. The exact set of (action, resource) pairs,
//! written down a second time by hand. A right more or less than this is a change that somebody has to
//! mean.

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::{config::Environment, generate};
use serde_json::Value;

use crate::rights::{Pairs, pairs};

/// Who has a right on an environment's resources: who plans, who applies, who tries it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// All three read.
    All,
    Apply,
    Smoke,
    /// Whoever does not change the state.
    Readers,
}
use By::{All, Apply, Readers, Smoke};

const ANY: &str = "* MadeOrListedHasNoResources";

/// `{r}` stands for region and account, `{a}` for the account, `{p}` for the names of the environment.
const RIGHTS: &[(By, &[&str], &str)] = &[
    (All, &["apigateway:GET"], "arn:aws:apigateway:ap-south-1::/restapis"),
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
            "logs:DeleteRetentionPolicy",
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
            "iam:UpdateRole",
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
            "kms:DisableKeyRotation",
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
    (
        Smoke,
        &["states:DescribeExecution", "states:GetExecutionHistory"],
        "arn:aws:states:{r}:execution:{p}-*",
    ),
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

/// Where alarms are mailed to somebody: in staging and prod.
const SUBSCRIBERS: &[(By, &[&str], &str)] = &[
    (All, &["sns:GetSubscriptionAttributes"], "arn:aws:sns:{r}:{p}-*"),
    (
        Apply,
        &["sns:SetSubscriptionAttributes", "sns:Subscribe", "sns:Unsubscribe"],
        "arn:aws:sns:{r}:{p}-*",
    ),
];

/// Where the API asks for a key and has a firewall: in prod.
const SHIELDED: &[(By, &[&str], &str)] = &[
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
            "wafv2:DisassociateWebACL",
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
            "logs:DeleteRetentionPolicy",
            "logs:DisassociateKmsKey",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
        ],
        "arn:aws:logs:{r}:log-group:aws-waf-logs-{p}*",
    ),
];

/// Where keys of ours encrypt: in prod. Whoever makes a table lends DynamoDB its own rights on the key, and whoever
/// makes a schedule lends them to the scheduler; queues, topics and log groups ask nothing of who makes them. Who reads
/// a table or receives from a queue decrypts.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz>,
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policy-examples.html>,
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#sqs-what-permissions-for-sse>
const KEYED: &[(By, &[&str], &str)] = &[
    (
        Apply,
        &[
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
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
        &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
        "arn:aws:kms:{r}:key/* via scheduler.ap-south-1.amazonaws.com",
    ),
    (Smoke, &["kms:Decrypt"], "arn:aws:kms:{r}:key/* via dynamodb.ap-south-1.amazonaws.com"),
    (Smoke, &["kms:Decrypt"], "arn:aws:kms:{r}:key/* via sqs.ap-south-1.amazonaws.com"),
];

fn account(environment: Environment) -> &'static str {
    match environment {
        Environment::Dev => "111111111111",
        Environment::Staging => "222222222222",
        Environment::Prod => "333333333333",
    }
}

/// What somebody may do who plans, applies or tries an environment.
fn expected(environment: Environment, who: By) -> Pairs {
    let account = account(environment);
    let subscribers = if environment == Environment::Dev { &[] } else { SUBSCRIBERS };
    let mut pairs = Pairs::new();
    let (shielded, keyed) = match environment {
        Environment::Prod => (SHIELDED, KEYED),
        Environment::Dev | Environment::Staging => (&[][..], &[][..]),
    };
    for (by, actions, resource) in RIGHTS.iter().chain(subscribers).chain(shielded).chain(keyed) {
        if !(*by == All || *by == who || (*by == Readers && who != Apply)) {
            continue;
        }
        let resource = resource
            .replace("{r}", &format!("ap-south-1:{account}"))
            .replace("{a}", account)
            .replace("{e}", environment.as_str())
            .replace("{p}", &format!("dofs-{environment}"))
            .replace("{state}", &format!("dofs/{environment}/terraform.tfstate"));
        pairs.extend(actions.iter().map(|it| ((*it).to_owned(), resource.clone())));
    }
    pairs
}

/// The policies of the roles below a folder of `generated/`, and who may take each of them on.
struct Roles {
    rights: BTreeMap<String, Pairs>,
    trust: BTreeMap<String, String>,
}

impl Roles {
    fn of(files: &BTreeMap<String, String>, root: &str) -> Self {
        let mut roles = Roles { rights: BTreeMap::new(), trust: BTreeMap::new() };
        for (path, text) in files {
            if !path.starts_with(&format!("generated/{root}/")) || !path.ends_with("/main.tf.json")
            {
                continue;
            }
            let file: Value = serde_json::from_str(text).unwrap();
            let policy = |of: &str| -> Vec<Value> {
                let document = &file["data"]["aws_iam_policy_document"][of];
                document["statement"].as_array().cloned().unwrap_or_default()
            };
            for name in file["resource"]["aws_iam_role"].as_object().into_iter().flatten() {
                let name = name.0;
                roles.rights.insert(name.clone(), policy(name).iter().flat_map(pairs).collect());
                roles.trust.insert(name.clone(), trust(&policy(&format!("{name}_trust"))[0]));
            }
        }
        roles
    }
}

/// `action by principal, variable = value`
fn trust(statement: &Value) -> String {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let mut said = format!(
        "{} by {}",
        text(&statement["actions"][0]),
        text(&statement["principals"][0]["identifiers"][0])
    );
    for it in statement["condition"].as_array().into_iter().flatten() {
        said.push_str(&format!(", {} = {}", text(&it["variable"]), text(&it["values"][0])));
    }
    said
}

#[test]
fn in_an_account_every_role_may_do_exactly_this() {
    fn check(environment: Environment) {
        let roles = Roles::of(&generate::bootstrap().files, &format!("bootstrap/{environment}"));
        let named = |name: &str| format!("{name}_{environment}");
        let plan = expected(environment, Readers);
        let mut rights = BTreeMap::from([
            // Its one policy is AWS's own.
            ("api_gateway_logs".to_owned(), Pairs::new()),
            (named("delivery_apply"), expected(environment, Apply)),
            (named("delivery_plan"), plan.clone()),
            (named("delivery_smoke"), expected(environment, Smoke)),
        ]);
        // prod's state holds the key of its API, which no pushed branch may read.
        let by_github = environment != Environment::Prod;
        rights.extend(by_github.then(|| (named("github_plan"), plan)));
        for (role, pairs) in &rights {
            let found = &roles.rights[role];
            let (more, less): (Vec<_>, Vec<_>) =
                (found.difference(pairs).collect(), pairs.difference(found).collect());
            assert!(more.is_empty() && less.is_empty(), "{role}: more {more:#?}, less {less:#?}");
        }
        assert_eq!(roles.rights, rights, "{environment}");

        let taken = |does: &str| {
            format!(
                "sts:AssumeRole by arn:aws:iam::444444444444:root, aws:PrincipalArn = \
                 arn:aws:iam::444444444444:role/dofs-cicd-{does}-{environment}"
            )
        };
        let github = "sts:AssumeRoleWithWebIdentity by ${var.github_provider_arn}, \
                      token.actions.githubusercontent.com:aud = sts.amazonaws.com, \
                      token.actions.githubusercontent.com:sub = repo:dofs-example/dofs:pull_request";
        let mut trust = BTreeMap::from([
            (
                "api_gateway_logs".to_owned(),
                "sts:AssumeRole by apigateway.amazonaws.com".to_owned(),
            ),
            (named("delivery_apply"), taken("apply")),
            (named("delivery_plan"), taken("plan")),
            (named("delivery_smoke"), taken("smoke")),
        ]);
        trust.extend(by_github.then(|| (named("github_plan"), github.to_owned())));
        assert_eq!(roles.trust, trust, "{environment}");
    }
    Environment::ALL.into_iter().for_each(check);
    let own = Roles::of(&generate::bootstrap().files, "bootstrap/delivery");
    assert!(own.rights.is_empty(), "nobody deploys to the pipeline's account by a role");
}

const BUCKET: &str = "${aws_s3_bucket.artifacts.arn}";

/// What the guides of CodePipeline and CodeBuild list for the bucket between two actions.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html>,
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html>
#[test]
fn every_build_and_the_pipeline_may_do_exactly_this() {
    let files = generate::cicd().files;
    let roles = Roles::of(&files, "cicd");
    let mut rights: BTreeMap<String, Pairs> = BTreeMap::new();
    let mut allow = |role: &str, actions: &[&str], resource: &str| {
        let pairs = rights.entry(role.to_owned()).or_default();
        pairs.extend(actions.iter().map(|it| ((*it).to_owned(), resource.to_owned())));
    };
    // The build's role, what it is handed, and what it hands on.
    let mut projects = vec![("build".to_owned(), "source".to_owned(), Some("package".to_owned()))];
    for environment in Environment::ALL {
        for does in ["plan", "apply", "smoke"] {
            let project = format!("{does}_{environment}");
            let account = account(environment);
            let target = format!("arn:aws:iam::{account}:role/dofs-delivery-{does}-{environment}");
            allow(&project, &["sts:AssumeRole"], &target);
            let planned = environment.to_string();
            projects.push(match does {
                "plan" => (project, "package".to_owned(), Some(planned)),
                _ => (project, planned, None),
            });
        }
    }
    let artifact = |name: &str| format!("{BUCKET}/dofs-cicd-deploy/{name}/*");
    for (project, input, output) in &projects {
        let log = format!("${{aws_cloudwatch_log_group.{project}.arn}}:*");
        allow(project, &["logs:CreateLogStream", "logs:PutLogEvents"], &log);
        allow(project, &["s3:GetBucketAcl", "s3:GetBucketLocation"], BUCKET);
        allow(project, &["s3:GetObject", "s3:GetObjectVersion"], &artifact(input));
        if let Some(output) = output {
            allow(project, &["s3:PutObject"], &artifact(output));
        }
        let arn = format!("${{aws_codebuild_project.{project}.arn}}");
        allow("deploy", &["codebuild:BatchGetBuilds", "codebuild:StartBuild"], &arn);
    }
    let cache = format!("{BUCKET}/cache/build/*");
    allow("build", &["s3:GetObject", "s3:PutObject"], &cache);
    let objects = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl"];
    allow("deploy", &objects, &format!("{BUCKET}/dofs-cicd-deploy/*"));
    let bucket = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"];
    allow("deploy", &bucket, BUCKET);
    let connection = "${aws_codestarconnections_connection.github.arn}";
    allow("deploy", &["codestar-connections:UseConnection"], connection);
    allow("deploy", &["sns:Publish"], "${aws_sns_topic.delivery.arn}");
    let key = "${aws_kms_key.delivery.arn} via sns.ap-south-1.amazonaws.com";
    allow("deploy", &["kms:Decrypt", "kms:GenerateDataKey"], key);
    assert_eq!(roles.rights, rights);

    let by = |who: &str| format!("sts:AssumeRole by {who}, aws:SourceAccount = 444444444444");
    let mut trust: BTreeMap<String, String> =
        projects.into_iter().map(|it| (it.0, by("codebuild.amazonaws.com"))).collect();
    trust.insert("deploy".to_owned(), by("codepipeline.amazonaws.com"));
    assert_eq!(roles.trust, trust);
}

/// Every role of an environment has the boundary that its account makes, and nothing that it may do lies outside. The
/// boundary itself gives no right over IAM, roles, keys or policies.
#[test]
fn every_role_is_bounded_and_fits_in() {
    let accounts = generate::bootstrap().files;
    for environment in Environment::ALL {
        let account = account(environment);
        let arn = |name: String| format!("arn:aws:iam::{account}:policy/{name}");
        let path = format!("generated/bootstrap/{environment}/modules/delivery/main.tf.json");
        let delivery: Value = serde_json::from_str(&accounts[&path]).unwrap();
        let policy = |of: &str| {
            let policy = &delivery["resource"]["aws_iam_policy"][format!("{of}_{environment}")];
            let text = policy["policy"].as_str().unwrap();
            // AWS's quota for a managed policy. The text has no blanks.
            assert!(text.len() <= 6_144, "{of} {environment}: {}", text.len());
            let document: Value = serde_json::from_str(text).unwrap();
            (arn(policy["name"].as_str().unwrap().to_owned()), document["Statement"].clone())
        };
        let texts = |it: &Value| -> Vec<String> {
            it.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
        };

        let (own, statements) = policy("boundary");
        let mut allowed = BTreeSet::new();
        for statement in statements.as_array().unwrap() {
            assert_eq!(statement["Effect"], "Allow");
            for resource in texts(&statement["Resource"]) {
                let of_ours = resource.contains(&format!("dofs-{environment}-"));
                let key = resource == format!("arn:aws:kms:ap-south-1:{account}:key/*");
                assert!(of_ours || key || resource == "*", "{resource}");
            }
            allowed.extend(texts(&statement["Action"]));
        }
        for action in &allowed {
            let (service, verb) = action.split_once(':').unwrap();
            assert!(!matches!(service, "iam" | "sts" | "organizations" | "s3"), "{action}");
            assert!(!action.contains('*'), "{action}");
            let changes = ["Create", "Delete", "Put", "Update", "Attach", "Add", "Schedule"];
            let on_data =
                ["Item", "Log", "Message", "Metric", "Trace", "Telemetry", "ResourcePolicy"];
            let changes_what_is_deployed = changes.iter().any(|it| verb.starts_with(it))
                && !on_data.iter().any(|it| verb.contains(it));
            assert!(!changes_what_is_deployed, "{action}");
        }
        let (rights, _) = crate::rights::generated(environment);
        for (action, _) in rights.values().flatten() {
            assert!(allowed.contains(action), "{environment}: {action} is outside of the boundary");
        }
        let root = crate::root::Root::of(environment);
        let roles = root.resources("aws_iam_role");
        assert!(roles.len() > 5);
        for (address, role) in roles {
            assert_eq!(role["permissions_boundary"], own, "{address}");
        }

        // Who applies has one, too: the services that it is about, and of IAM exactly what its policy says.
        let (_, statements) = policy("boundary_apply");
        let role = &delivery["resource"]["aws_iam_role"][format!("delivery_apply_{environment}")];
        let reference = format!("${{aws_iam_policy.boundary_apply_{environment}.arn}}");
        assert_eq!(role["permissions_boundary"], reference);
        let statements = statements.as_array().unwrap();
        let services = texts(&statements[0]["Action"]);
        assert!(services.iter().all(|it| it.ends_with(":*") && !it.starts_with("iam:")));
        let of_iam: BTreeSet<(String, String)> = statements[1..]
            .iter()
            .flat_map(|it| {
                let resources = texts(&it["Resource"]);
                texts(&it["Action"]).into_iter().flat_map(move |action| {
                    resources.clone().into_iter().map(move |on| (action.clone(), on))
                })
            })
            .collect();
        let mut expected_of_iam = BTreeSet::new();
        for (action, on) in expected(environment, Apply) {
            let service = format!("{}:*", action.split_once(':').unwrap().0);
            if service == "iam:*" {
                let on = on.split_once(" via ").map_or(on.clone(), |(on, _)| on.to_owned());
                expected_of_iam.insert((action, on));
            } else {
                assert!(services.contains(&service), "{service}");
            }
        }
        assert_eq!(of_iam, expected_of_iam);
    }
}

/// What the provider calls sensitive stands in the state as it is. Whoever can push a branch says what a pull request's
/// job runs, so none may read such a state: neither is there a role, nor does the workflow ask for one.
#[test]
fn no_pull_request_reads_a_state_that_holds_a_secret() {
    fn is_sensitive(block: &Value) -> bool {
        let attributes = block["attributes"].as_object().into_iter().flatten();
        let blocks = block["block_types"].as_object().into_iter().flatten();
        attributes.into_iter().any(|(_, it)| it["sensitive"] == true)
            || blocks.into_iter().any(|(_, it)| is_sensitive(&it["block"]))
    }
    let schema = include_str!("../../schemas/hashicorp-aws-5.100.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let sensitive = |tf_type: &str| is_sensitive(&schema["resource_schemas"][tf_type]["block"]);
    let workflow = &generate::workflow().files[".github/workflows/ci.yml"];
    let mut with_a_secret = Vec::new();
    for environment in Environment::ALL {
        let files = generate::environment(environment).files;
        let holds_one = files.values().any(|text| {
            let file: Value = serde_json::from_str(text).unwrap_or_default();
            let types = file["resource"].as_object().into_iter().flatten();
            types.into_iter().any(|(tf_type, _)| sensitive(tf_type))
        });
        let roles = Roles::of(&generate::bootstrap().files, &format!("bootstrap/{environment}"));
        let by_token = roles.trust.values().filter(|it| it.contains("WithWebIdentity")).count();
        assert_eq!(by_token, usize::from(!holds_one), "{environment}");
        let asked = workflow.contains(&format!("role/dofs-github-plan-{environment}"));
        assert_eq!(asked, !holds_one, "{environment}");
        with_a_secret.extend(holds_one.then_some(environment));
    }
    assert_eq!(with_a_secret, [Environment::Prod]);
}

/// What one build writes, no other build may write: what is planned cannot be changed by what builds.
#[test]
fn no_two_builds_may_write_the_same_objects() {
    let roles = Roles::of(&generate::cicd().files, "cicd");
    let mut writers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (role, pairs) in roles.rights.iter().filter(|(role, _)| *role != "deploy") {
        for (_, resource) in pairs.iter().filter(|(action, _)| action.starts_with("s3:Put")) {
            writers.entry(resource.as_str()).or_default().push(role);
        }
    }
    assert_eq!(writers.len(), 5, "a package, three plans, a cache: {writers:?}");
    for (resource, roles) in &writers {
        assert_eq!(roles.len(), 1, "{resource} is written by {roles:?}");
        let others = writers.keys().filter(|it| *it != resource);
        for other in others {
            assert!(!fits(resource, &other.replace('*', "x")), "{resource} holds {other}");
        }
    }
}

/// What the table above says of a role that has lost a statement: for every statement of the role that
/// applies, and of the build that takes it on.
#[test]
fn a_statement_that_is_gone_is_missed() {
    fn check(file: &str, text: &str, role: &str, expected: &Pairs) {
        let file: Value = serde_json::from_str(text).unwrap_or_else(|err| panic!("{file}: {err}"));
        let statements = &file["data"]["aws_iam_policy_document"][role]["statement"];
        let statements = statements.as_array().unwrap();
        assert!(statements.len() > 2);
        for gone in 0..statements.len() {
            let left = statements.iter().enumerate().filter(|(at, _)| *at != gone);
            let left: Pairs = left.flat_map(|(_, it)| pairs(it)).collect();
            assert_ne!(&left, expected, "{role} without {:#}", statements[gone]);
        }
    }
    for environment in Environment::ALL {
        let path = format!("generated/bootstrap/{environment}/modules/delivery/main.tf.json");
        let role = format!("delivery_apply_{environment}");
        let expected = expected(environment, Apply);
        check(&path, &generate::bootstrap().files[&path], &role, &expected);
        let (path, role) =
            ("generated/cicd/modules/cicd/main.tf.json", format!("apply_{environment}"));
        let files = generate::cicd().files;
        let own = Roles::of(&files, "cicd").rights[&role].clone();
        check(path, &files[path], &role, &own);
    }
}

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
                assert!(fits, "{tf_type} {address}: nobody may make {arn}");
            }
        }
    }
}

/// As IAM compares: a star stands for anything.
fn fits(pattern: &str, arn: &str) -> bool {
    let mut rest = arn;
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || pattern.ends_with('*')
}
