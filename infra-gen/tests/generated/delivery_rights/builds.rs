//! The roles of the builds and the pipeline.

use std::collections::BTreeMap;

use infra_gen::{config::Environment, roots};

use super::{Roles, account, fits};
use crate::rights::Pairs;

const BUCKET: &str = "${aws_s3_bucket.artifacts.arn}";

/// The permissions that the guides of CodePipeline and CodeBuild list for the bucket between two actions.
/// <https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html>,
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html>
#[test]
fn every_build_and_the_pipeline_may_do_exactly_this() {
    let files = roots::cicd().files;
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

/// No build may write the objects of another build, so a later build cannot change a plan.
#[test]
fn no_two_builds_may_write_the_same_objects() {
    let roles = Roles::of(&roots::cicd().files, "cicd");
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
