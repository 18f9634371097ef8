//! The pipeline: its stages, and what each hands to the next.

use std::collections::BTreeMap;

use infra_gen::{config::Environment, roots};
use serde_json::{Value, json};

use super::{cicd, handed, variables};

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

/// Only the project decides which commands run in a build that assumes a role. The input artifacts cannot change them.
#[test]
fn a_build_that_assumes_a_role_runs_the_commands_of_its_project() {
    let files = roots::build_specs().files;
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
