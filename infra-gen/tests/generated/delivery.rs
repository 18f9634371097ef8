//! The pipeline: what it does in which order, with what; and wirings of it that are refused.

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::{
    check,
    config::{AccountId, Environment},
    generate,
    model::{
        Stack,
        backend::Backend,
        bucket::Expiry,
        delivery::{
            build::{KeptFor, ProjectSpec, Size},
            rights::{Does, Rights},
            terraform_role::{Taker, TerraformRole},
        },
        function::Architecture,
        limits::{BuildTimeout, ObjectDays},
    },
    resource, topology,
    topology::build::build_specs,
};
use serde_json::{Value, json};

use crate::{kit, root::inner};

fn backend() -> Backend {
    Backend { bucket: "b".to_owned(), key: "k".to_owned(), region: "eu-west-1" }
}

/// A role for the build `plan` of the account that the kit is for.
fn role(stack: &mut Stack, taken_by: &str, on: &Stack) -> TerraformRole {
    let id = resource!(
        /// plans.
        "target"
    );
    let taker = Taker::project(kit::ACCOUNT, "dofs-test", taken_by);
    let rights = Rights::on(on, &backend(), Does::Plan);
    const OTHER: AccountId = AccountId::new("999999999999");
    stack.module(kit::A).terraform_role(id, "x", OTHER, taker, rights)
}

#[track_caller]
fn found(stack: Stack) -> Vec<(&'static str, String)> {
    check::stack(&stack.finish()).into_iter().map(|it| (it.rule, it.address)).collect()
}

#[test]
fn a_type_that_nobody_knows_the_rights_of_is_refused() {
    let mut unknown = kit::stack("dofs-other");
    unknown.module(kit::B).private_bucket(
        resource!(
            /// Nobody has said what it takes to make a bucket.
            "files"
        ),
        "files",
        Expiry::OldVersions(ObjectDays::new(1)),
    );
    let mut stack = kit::stack("dofs-test");
    role(&mut stack, "plan", &unknown);
    let found = found(stack);
    assert!(found.contains(&("iam/no-deploy-rights", "module.b.aws_s3_bucket.files".to_owned())));
    assert!(found.iter().all(|(rule, _)| *rule == "iam/no-deploy-rights"), "{found:?}");
}

#[test]
fn a_build_takes_on_the_role_that_lets_it_in() {
    fn check(taken_by: &str, expected: &[(&str, &str)]) {
        let mut stack = kit::stack("dofs-test");
        let role = role(&mut stack, taken_by, &kit::stack("dofs-other"));
        let artifacts = stack.module(kit::A).private_bucket(
            resource!(
                /// What goes in and out.
                "artifacts"
            ),
            "artifacts",
            Expiry::OldVersions(ObjectDays::new(1)),
        );
        stack.module(kit::A).project(
            resource!(
                /// Plans.
                "plan"
            ),
            None,
            ProjectSpec {
                build_spec: "plan.yml",
                architecture: Architecture::Arm64,
                size: Size::Small,
                timeout: BuildTimeout::new(5),
                log_retention: kit::WEEK,
                cache: KeptFor::ThisMachine,
                variables: &[],
                artifacts: &artifacts,
                takes: Some(&role),
            },
        );
        let found = found(stack);
        let found: Vec<_> = found.iter().map(|(rule, at)| (*rule, at.as_str())).collect();
        assert_eq!(found, expected);
    }
    check("plan", &[]);
    check("apply", &[("delivery/trust", "module.a.aws_codebuild_project.plan")]);
}

fn cicd(tf_type: &str, name: &str) -> Value {
    let files = generate::cicd().files;
    let file: Value =
        serde_json::from_str(&files["generated/cicd/modules/cicd/main.tf.json"]).unwrap();
    file["resource"][tf_type][name].clone()
}

/// Stage, action, what it is, what goes in, what comes out.
#[test]
fn the_pipeline_goes_through_these_stages() {
    let pipeline = cicd("aws_codepipeline", "deploy");
    assert_eq!(
        (&pipeline["pipeline_type"], &pipeline["execution_mode"]),
        (&json!("V2"), &json!("QUEUED"))
    );
    let mut found = Vec::new();
    for stage in pipeline["stage"].as_array().unwrap() {
        for (at, action) in stage["action"].as_array().unwrap().iter().enumerate() {
            assert_eq!(action["run_order"], json!(at + 1), "one after the other");
            let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
            let project = text(&action["configuration"]["ProjectName"]);
            let project = project.replace("${aws_codebuild_project.", "").replace(".name}", "");
            found.push(format!(
                "{} {} {} {project} {} {}",
                text(&stage["name"]),
                text(&action["name"]),
                text(&action["provider"]),
                text(&action["input_artifacts"][0]),
                text(&action["output_artifacts"][0]),
            ));
        }
    }
    assert_eq!(
        found,
        [
            "Source Source CodeStarSourceConnection - - source",
            "Build Build CodeBuild build source package",
            "Dev Plan CodeBuild plan_dev package plan_dev",
            "Dev Apply CodeBuild apply_dev plan_dev -",
            "Dev Smoke CodeBuild smoke_dev plan_dev -",
            "Staging Plan CodeBuild plan_staging package plan_staging",
            "Staging Approve Manual - - -",
            "Staging Apply CodeBuild apply_staging plan_staging -",
            "Staging Smoke CodeBuild smoke_staging plan_staging -",
            "Prod Plan CodeBuild plan_prod package plan_prod",
            "Prod Approve Manual - - -",
            "Prod Apply CodeBuild apply_prod plan_prod -",
            "Prod Smoke CodeBuild smoke_prod plan_prod -",
        ]
    );
}

#[test]
fn what_is_approved_is_what_is_applied() {
    fn check(at: usize, environment: Environment) {
        let pipeline = cicd("aws_codepipeline", "deploy");
        let actions = pipeline["stage"][at]["action"].as_array().unwrap().clone();
        let action = |name: &str| actions.iter().find(|it| it["name"] == name);
        let (plan, apply) = (action("Plan").unwrap(), action("Apply").unwrap());
        assert_eq!(plan["namespace"], json!(format!("plan_{environment}")));
        assert_eq!(apply["input_artifacts"], plan["output_artifacts"]);
        let variables = inner(&apply["configuration"]["EnvironmentVariables"]);
        let variables: BTreeMap<_, _> = variables
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["name"].as_str().unwrap(), it["value"].as_str().unwrap().to_owned()))
            .collect();
        let said = |name: &str| format!("#{{plan_{environment}.{name}}}");
        assert_eq!(
            variables,
            BTreeMap::from([
                ("PLAN_EXIT", said("PLAN_EXIT")),
                ("PLAN_SHA256", said("PLAN_SHA256"))
            ])
        );
        let asked = action("Approve").map(|it| it["configuration"]["CustomData"].clone());
        let expected = format!("{environment}: {}", said("PLAN_SUMMARY"));
        let expected = (environment != Environment::Dev).then(|| json!(expected));
        assert_eq!(asked, expected);
    }
    check(2, Environment::Dev);
    check(3, Environment::Staging);
    check(4, Environment::Prod);
}

/// What CodeBuild and bash set by themselves.
const GIVEN: [&str; 4] = ["HOME", "PATH", "PWD", "PLAN_SUMMARY"];

/// Upper-case words behind a dollar sign.
fn read(text: &str) -> BTreeSet<String> {
    let words = text.split('$').skip(1).map(|it| {
        it.chars().take_while(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || *it == '_')
    });
    words.map(String::from_iter).filter(|it| !it.is_empty()).collect()
}

#[test]
fn a_build_reads_what_its_project_and_its_action_set() {
    let files = generate::build_specs().files;
    for environment in Environment::ALL {
        for does in ["plan", "apply", "smoke"] {
            let project = cicd("aws_codebuild_project", &format!("{does}_{environment}"));
            let variables = project["environment"][0]["environment_variable"].as_array().unwrap();
            let mut set: BTreeSet<String> =
                variables.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
            set.extend(GIVEN.map(str::to_owned));
            if does != "smoke" {
                set.extend(["PLAN_EXIT", "PLAN_SHA256"].map(str::to_owned));
            }
            let spec = project["source"][0]["buildspec"].as_str().unwrap();
            let read = read(&files[spec]);
            assert!(read.contains("ENVIRONMENT") && read.contains("TARGET_ROLE"));
            assert!(read.is_subset(&set), "{spec} reads {read:?}, and {set:?} are set");
        }
    }
}

#[test]
fn every_build_has_its_limits() {
    let files = generate::cicd().files;
    let file: Value =
        serde_json::from_str(&files["generated/cicd/modules/cicd/main.tf.json"]).unwrap();
    let projects = file["resource"]["aws_codebuild_project"].as_object().unwrap();
    assert_eq!(projects.len(), 10);
    let specs: BTreeSet<&str> = build_specs().into_iter().map(|(path, _)| path).collect();
    for (name, project) in projects {
        assert!(project["build_timeout"].as_u64().unwrap() <= 120, "{name}");
        assert!(specs.contains(project["source"][0]["buildspec"].as_str().unwrap()), "{name}");
        let log = &project["logs_config"][0]["cloudwatch_logs"][0];
        assert_eq!(log["group_name"], format!("${{aws_cloudwatch_log_group.{name}.name}}"));
        assert_eq!(file["resource"]["aws_cloudwatch_log_group"][name]["retention_in_days"], 90);
        assert!(project["cache"][0]["type"].is_string(), "{name}");
        assert_eq!(project["environment"][0]["privileged_mode"], false, "{name}");
    }
}

#[test]
fn state_is_where_the_backends_say() {
    let files = generate::bootstrap().files;
    for root in topology::bootstraps() {
        let path = format!("generated/bootstrap/{}/modules/account/main.tf.json", root.name);
        let file: Value = serde_json::from_str(&files[&path]).unwrap();
        let made = file["resource"]["aws_s3_bucket"]["state"]["bucket"].as_str().unwrap();
        assert_eq!(root.backend.bucket, made);
        for environment in root.environments {
            let backend = topology::backend(environment.config());
            assert_eq!(backend.bucket, made);
            assert_ne!(backend.key, root.backend.key);
        }
    }
}

#[test]
fn a_bucket_of_ours_is_shut() {
    let files = generate::bootstrap().files;
    let file: Value =
        serde_json::from_str(&files["generated/bootstrap/prod/modules/account/main.tf.json"])
            .unwrap();
    let part = |tf_type: &str| &file["resource"][tf_type]["state"];
    let versioning = &part("aws_s3_bucket_versioning")["versioning_configuration"][0];
    assert_eq!(versioning["status"], "Enabled");
    let shut = part("aws_s3_bucket_public_access_block");
    for it in [
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ] {
        assert_eq!(shut[it], true, "{it}");
    }
    let policy = &file["data"]["aws_iam_policy_document"]["state_bucket"]["statement"][0];
    assert_eq!((&policy["effect"], &policy["actions"]), (&json!("Deny"), &json!(["s3:*"])));
    assert_eq!(policy["condition"][0]["variable"], "aws:SecureTransport");
    assert_eq!(policy["condition"][0]["values"], json!(["false"]));
    let rules = part("aws_s3_bucket_lifecycle_configuration")["rule"].as_array().unwrap();
    assert!(rules.iter().any(|it| it["noncurrent_version_expiration"][0]["noncurrent_days"] == 90));
    assert!(rules.iter().all(|it| it["expiration"].is_null()), "the present state stays");
}
