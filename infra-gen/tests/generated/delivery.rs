//! Checks the pipeline: its actions, their order and their artifacts, and wrong wiring that is refused.

mod accounts;
mod pipeline;
mod refused;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use infra_core::{model::backend::PROVIDER_VERSION, render::buildspec::Phase};
use infra_gen::{
    config::Environment,
    roots,
    topology::build::{apply_spec, build_spec, plan_spec, smoke_spec},
};
use serde_json::Value;

use crate::root::inner;

fn cicd(tf_type: &str, name: &str) -> Value {
    let files = roots::cicd().files;
    let file: Value =
        serde_json::from_str(&files["generated/cicd/modules/cicd/main.tf.json"]).unwrap();
    file["resource"][tf_type][name].clone()
}

/// The variables that an action hands to its build.
fn handed(action: &Value) -> BTreeMap<String, String> {
    let variables = inner(&action["configuration"]["EnvironmentVariables"]);
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let variables = variables.as_array().unwrap().iter();
    variables.map(|it| (text(&it["name"]), text(&it["value"]))).collect()
}

pub(crate) fn commands(phase: Option<&Phase>) -> Vec<String> {
    phase.unwrap().commands.iter().map(|it| it.as_str().to_owned()).collect()
}

/// AWS does not say whether `**/*` takes names that begin with a dot, and without its lock file a root is not what was
/// hashed: so each such name is written out.
#[test]
fn files_with_a_dot_are_handed_on_by_name() {
    let all = Environment::ALL.map(roots::environment).into_iter();
    let all = all.chain([roots::bootstrap(), roots::cicd()]);
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
    let workflow = &roots::workflow().files[".github/workflows/ci.yml"];
    let lines = workflow.lines().filter_map(|it| it.trim().strip_prefix("runs-on: "));
    assert_eq!(lines.collect::<BTreeSet<_>>(), BTreeSet::from(["macos-15", "ubuntu-22.04"]));
}

/// Every root names its provider by hashes: of each platform's archive, and of what is in those that builds run on.
/// `tests/terraform.rs` asks Terraform whether they are the provider's.
#[test]
fn every_root_has_a_lock_file() {
    let roots = Environment::ALL.map(roots::environment).into_iter();
    let roots = roots.chain([roots::bootstrap(), roots::cicd()]);
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

/// The variables that a project sets.
fn variables(project: &Value) -> BTreeSet<String> {
    let variables = project["environment"][0]["environment_variable"].as_array();
    let names = variables.into_iter().flatten().map(|it| it["name"].as_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn every_build_has_its_limits() {
    let files = roots::cicd().files;
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
