//! The pipeline: what it does in which order, with what; and wirings of it that are refused.

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::{
    check,
    config::{AccountId, Environment, delivery::Repository},
    generate,
    model::{
        Stack,
        backend::{Backend, PROVIDER_VERSION},
        bucket::Expiry,
        delivery::{
            boundary::Boundary,
            build::{Commands, KeptFor, ProjectSpec, Size},
            rights::{Does, Rights},
            terraform_role::{Taker, TerraformRole},
        },
        function::Architecture,
        limits::{BuildTimeout, ObjectDays},
    },
    render::buildspec::Phase,
    resource, topology,
    topology::build::{apply_spec, build_spec, plan_spec, smoke_spec},
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
    stack.module(kit::A).terraform_role(id, "x", OTHER, taker, rights, None)
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
fn who_may_make_roles_without_a_boundary_is_refused() {
    fn check(bounded: bool, expected: &[(&str, &str)]) {
        let mut root = kit::stack("dofs-other");
        if bounded {
            root.bound_roles(Boundary::new(kit::ACCOUNT, "dofs-boundary".to_owned()));
        }
        kit::validator(&mut root.module(kit::B), "n", kit::SHORT);
        let mut stack = kit::stack("dofs-test");
        let taker = Taker::project(kit::ACCOUNT, "dofs-test", "apply");
        let rights = Rights::on(&root, &backend(), Does::Apply);
        let id = resource!(
            /// applies.
            "target"
        );
        stack.module(kit::A).terraform_role(id, "x", kit::ACCOUNT, taker, rights, None);
        let found = found(stack);
        let found: Vec<_> = found.iter().map(|(rule, at)| (*rule, at.as_str())).collect();
        assert_eq!(found, expected);
    }
    check(true, &[]);
    check(false, &[("iam/no-boundary", "module.b.aws_iam_role.validator")]);
}

#[test]
fn a_right_outside_of_the_boundary_is_refused() {
    let mut stack = kit::stack("dofs-test");
    let boundary = Boundary::new(kit::ACCOUNT, "dofs-boundary".to_owned());
    let id = resource!(
        /// what its roles may at most do.
        "boundary"
    );
    // The pipeline starts builds, which no function does.
    stack.module(kit::A).boundary_of_roles(id, "x", &boundary, &topology::cicd());
    let found = found(stack);
    let pipeline = "module.cicd.data.aws_iam_policy_document.deploy".to_owned();
    assert!(found.iter().all(|(rule, _)| *rule == "iam/outside-boundary"), "{found:?}");
    assert!(found.iter().any(|(_, at)| *at == pipeline), "{found:?}");
}

#[test]
fn a_pull_request_gets_no_role_for_a_state_that_holds_a_secret() {
    let mut stack = kit::stack("dofs-test");
    let github = stack.module(kit::A).github(resource!(
        /// GitHub.
        "github"
    ));
    let prod = topology::dofs(Environment::Prod);
    let rights = Rights::on(&prod, &backend(), Does::Plan);
    stack.module(kit::A).pull_request_role(
        resource!(
            /// reads.
            "reads"
        ),
        "prod",
        kit::ACCOUNT,
        &github,
        Repository::new("a/b"),
        rights,
    );
    let role = "module.a.aws_iam_role.reads_prod".to_owned();
    assert_eq!(found(stack), [("delivery/secret-in-state", role)]);
}

#[test]
fn a_build_takes_on_the_role_that_lets_it_in() {
    fn check(taken_by: &str, expected: &[(&str, &str)]) {
        let mut stack = kit::stack("dofs-test");
        let role = role(&mut stack, taken_by, &kit::stack("dofs-other"));
        stack.module(kit::A).project(
            resource!(
                /// Plans.
                "plan"
            ),
            None,
            ProjectSpec {
                build_spec: Commands::OfSource("plan.yml"),
                architecture: Architecture::Arm64,
                size: Size::Small,
                timeout: BuildTimeout::new(5),
                log_retention: kit::WEEK,
                cache: KeptFor::ThisMachine,
                variables: &[],
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
            "Dev Plan CodeBuild plan_dev package dev",
            "Dev Apply CodeBuild apply_dev dev -",
            "Dev Smoke CodeBuild smoke_dev dev -",
            "Staging Plan CodeBuild plan_staging package staging",
            "Staging Approve Manual - - -",
            "Staging Apply CodeBuild apply_staging staging -",
            "Staging Smoke CodeBuild smoke_staging staging -",
            "Prod Plan CodeBuild plan_prod package prod",
            "Prod Approve Manual - - -",
            "Prod Apply CodeBuild apply_prod prod -",
            "Prod Smoke CodeBuild smoke_prod prod -",
        ]
    );
}

/// The variables that an action hands to its build.
fn handed(action: &Value) -> BTreeMap<String, String> {
    let variables = inner(&action["configuration"]["EnvironmentVariables"]);
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let variables = variables.as_array().unwrap().iter();
    variables.map(|it| (text(&it["name"]), text(&it["value"]))).collect()
}

#[test]
fn what_is_approved_is_what_is_applied() {
    fn check(at: usize, environment: Environment) {
        let pipeline = cicd("aws_codepipeline", "deploy");
        let actions = pipeline["stage"][at]["action"].as_array().unwrap().clone();
        let action = |name: &str| actions.iter().find(|it| it["name"] == name);
        let plan = action("Plan").unwrap();
        assert_eq!(plan["namespace"], json!(environment.as_str()));
        let said = |of: &str, name: &str| (name.to_owned(), format!("#{{{of}.{name}}}"));
        let of_plan = |name: &str| said(environment.as_str(), name);
        let built = said("package", "PACKAGE_SHA256");
        assert_eq!(handed(plan), BTreeMap::from([built.clone()]));
        for (name, variables) in [
            ("Apply", vec![built.clone(), of_plan("PLAN_EXIT"), of_plan("PLAN_SHA256")]),
            ("Smoke", vec![built.clone(), of_plan("PLAN_SHA256")]),
        ] {
            let action = action(name).unwrap();
            assert_eq!(action["input_artifacts"], plan["output_artifacts"]);
            assert_eq!(handed(action), variables.into_iter().collect(), "{name}");
        }
        let asked = action("Approve").map(|it| it["configuration"]["CustomData"].clone());
        let expected = format!("{environment}: {}", of_plan("PLAN_SUMMARY").1);
        let expected = (environment != Environment::Dev).then(|| json!(expected));
        assert_eq!(asked, expected);
    }
    check(2, Environment::Dev);
    check(3, Environment::Staging);
    check(4, Environment::Prod);
    let pipeline = cicd("aws_codepipeline", "deploy");
    assert_eq!(pipeline["stage"][1]["action"][0]["namespace"], "package");
}

/// What a build that takes a role on runs is said by its project alone. What it is handed cannot change it.
#[test]
fn who_takes_a_role_on_runs_what_its_project_says() {
    let files = generate::build_specs().files;
    for environment in Environment::ALL {
        for does in ["plan", "apply", "smoke"] {
            let project = cicd("aws_codebuild_project", &format!("{does}_{environment}"));
            let file = format!("buildspecs/{does}.yml");
            let expected = format!("${{file(\"${{path.module}}/../../{file}\")}}");
            assert_eq!(project["source"][0]["buildspec"], expected);
            assert!(files.contains_key(&format!("generated/cicd/{file}")));
        }
    }
    let build = cicd("aws_codebuild_project", "build");
    assert_eq!(build["source"][0]["buildspec"], "buildspec.yml");
    assert!(variables(&build).is_empty(), "who builds takes no role on");
}

pub(crate) fn commands(phase: Option<&Phase>) -> Vec<String> {
    phase.unwrap().commands.iter().map(|it| it.as_str().to_owned()).collect()
}

/// AWS does not say whether `**/*` takes names that begin with a dot, and without its lock file a root is not what was
/// hashed: so each such name is written out.
#[test]
fn files_with_a_dot_are_handed_on_by_name() {
    let all = Environment::ALL.map(generate::environment).into_iter();
    let all = all.chain([generate::bootstrap(), generate::cicd()]);
    let name = |path: String| path.rsplit('/').next().unwrap_or_default().to_owned();
    let names = all.flat_map(|it| it.files).map(|(path, _)| name(path));
    let dotted: BTreeSet<String> = names.filter(|it| it.starts_with('.')).collect();
    assert_eq!(dotted, BTreeSet::from([".terraform.lock.hcl".to_owned()]));
    for spec in [build_spec(), plan_spec()] {
        let files = spec.artifacts.unwrap().files;
        for name in &dotted {
            assert!(files.contains(&format!("generated/**/{name}")), "{files:?}");
        }
    }
}

/// GitHub's machines that are still there. macos-14 is no longer supported.
/// <https://docs.github.com/en/actions/reference/runners/github-hosted-runners>
#[test]
fn jobs_run_on_machines_that_github_supports() {
    let workflow = &generate::workflow().files[".github/workflows/ci.yml"];
    let lines = workflow.lines().filter_map(|it| it.trim().strip_prefix("runs-on: "));
    assert_eq!(lines.collect::<BTreeSet<_>>(), BTreeSet::from(["macos-15", "ubuntu-22.04"]));
}

/// Every root names its provider by hashes: of each platform's archive, and of what is in those that builds run on.
/// `tests/terraform.rs` asks Terraform whether they are the provider's.
#[test]
fn every_root_has_a_lock_file() {
    let roots = Environment::ALL.map(generate::environment).into_iter();
    let roots = roots.chain([generate::bootstrap(), generate::cicd()]);
    let files: BTreeMap<_, _> = roots.flat_map(|it| it.files).collect();
    let of_root = |path: &String| path.strip_suffix("providers.tf.json").map(str::to_owned);
    let roots: Vec<String> = files.keys().filter_map(of_root).collect();
    assert_eq!(roots.len(), 8);
    for root in roots {
        let lock = &files[&format!("{root}.terraform.lock.hcl")];
        let hashes = |kind: &str| lock.matches(&format!("    \"{kind}:")).count();
        assert_eq!((hashes("h1"), hashes("zh")), (3, 15), "{root}");
        assert!(lock.contains(&format!("version     = \"{PROVIDER_VERSION}\"")), "{root}");
    }
}

/// Terraform keeps the provider where CodeBuild keeps folders, and makes no such folder by itself.
#[test]
fn the_provider_is_kept_where_the_next_build_looks() {
    for spec in [plan_spec(), apply_spec(), smoke_spec()] {
        let all = commands(spec.phases.pre_build.as_ref());
        let at = |command: &str| all.iter().position(|it| it.contains(command)).unwrap();
        let made = at("mkdir -p \"$HOME/.terraform.d/plugin-cache\"");
        let named = at("export TF_PLUGIN_CACHE_DIR=\"$HOME/.terraform.d/plugin-cache\"");
        let used = all.iter().position(|it| it.contains(" init "));
        assert!(made < named && used.is_none_or(|it| named < it));
        assert_eq!(spec.cache.unwrap().paths, ["/root/.terraform.d/plugin-cache/**/*"]);
    }
}

/// What CodeBuild and bash set by themselves.
const GIVEN: [&str; 3] = ["HOME", "PATH", "PWD"];

/// The variables that a project sets.
fn variables(project: &Value) -> BTreeSet<String> {
    let variables = project["environment"][0]["environment_variable"].as_array();
    let names = variables.into_iter().flatten().map(|it| it["name"].as_str().unwrap().to_owned());
    names.collect()
}

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
    let pipeline = cicd("aws_codepipeline", "deploy");
    for environment in Environment::ALL {
        for does in ["plan", "apply", "smoke"] {
            let project = cicd("aws_codebuild_project", &format!("{does}_{environment}"));
            let mut set = variables(&project);
            set.extend(GIVEN.map(str::to_owned));
            let stage =
                pipeline["stage"].as_array().unwrap().iter().find(|it| {
                    it["name"].as_str().unwrap().eq_ignore_ascii_case(environment.as_str())
                });
            let action = stage.unwrap()["action"]
                .as_array()
                .unwrap()
                .iter()
                .find(|it| it["name"].as_str().unwrap().eq_ignore_ascii_case(does));
            set.extend(handed(action.unwrap()).into_keys());
            let spec = format!("generated/cicd/buildspecs/{does}.yml");
            let set_by_itself = |it: &str| files[&spec].contains(&format!("{it}="));
            let mut read = read(&files[&spec]);
            read.retain(|it| !set_by_itself(it));
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
    for (name, project) in projects {
        assert!(project["build_timeout"].as_u64().unwrap() <= 120, "{name}");
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

/// A service makes its role by itself at the first use, in the name of who uses it, who may not do that. So the
/// account's root makes it. The pages name every use; what is generated decides which of them there are.
#[test]
fn every_account_has_the_service_linked_roles_that_its_roots_need() {
    fn needed(root: &Value) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        for (tf_type, blocks) in root["resource"].as_object().into_iter().flatten() {
            for block in blocks.as_object().into_iter().flatten().map(|(_, it)| it) {
                found.extend(match tf_type.as_str() {
                    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enabling-xray.html
                    "aws_api_gateway_stage" if block["xray_tracing_enabled"] == true => {
                        Some("ops.apigateway.amazonaws.com")
                    }
                    "aws_api_gateway_domain_name" | "aws_api_gateway_vpc_link" => {
                        Some("ops.apigateway.amazonaws.com")
                    }
                    // https://docs.aws.amazon.com/dtconsole/latest/userguide/using-service-linked-roles.html
                    "aws_codestarnotifications_notification_rule" => {
                        Some("codestar-notifications.amazonaws.com")
                    }
                    // https://docs.aws.amazon.com/waf/latest/developerguide/using-service-linked-roles.html, and the
                    // service authorization reference: wafv2:PutLoggingConfiguration depends on it.
                    "aws_wafv2_web_acl_logging_configuration" => Some("wafv2.amazonaws.com"),
                    "aws_appautoscaling_target" => {
                        Some("dynamodb.application-autoscaling.amazonaws.com")
                    }
                    "aws_dynamodb_contributor_insights" => {
                        Some("contributorinsights.dynamodb.amazonaws.com")
                    }
                    "aws_dynamodb_table" if block.get("replica").is_some() => {
                        Some("replication.dynamodb.amazonaws.com")
                    }
                    _ => None,
                });
            }
        }
        found
    }
    let modules = |files: &BTreeMap<String, String>, root: &str| -> Vec<Value> {
        let of_root = |path: &&String| {
            path.starts_with(&format!("generated/{root}/modules/")) && path.ends_with(".tf.json")
        };
        let files = files.iter().filter(|(path, _)| of_root(path));
        files.map(|(_, text)| serde_json::from_str(text).unwrap()).collect()
    };
    let accounts = generate::bootstrap().files;
    for root in topology::bootstraps() {
        let mut needs = BTreeSet::new();
        for &environment in &root.environments {
            let files = generate::environment(environment).files;
            needs.extend(modules(&files, environment.as_str()).iter().flat_map(needed));
        }
        if root.environments.is_empty() {
            needs.extend(modules(&generate::cicd().files, "cicd").iter().flat_map(needed));
        }
        assert!(!needs.is_empty(), "{}", root.name);
        let mut made = BTreeSet::new();
        for module in modules(&accounts, &format!("bootstrap/{}", root.name)) {
            let roles = module["resource"]["aws_iam_service_linked_role"].as_object().cloned();
            made.extend(
                roles
                    .into_iter()
                    .flatten()
                    .map(|(_, it)| it["aws_service_name"].as_str().unwrap().to_owned()),
            );
        }
        assert_eq!(made, needs.iter().map(|it| (*it).to_owned()).collect(), "{}", root.name);
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
