//! Variables that builds read.

use std::collections::BTreeSet;

use infra_gen::{config::Environment, roots};

use super::{cicd, handed, variables};

/// Variables that CodeBuild and bash set.
const GIVEN: [&str; 3] = ["HOME", "PATH", "PWD"];

/// Upper-case words behind a dollar sign.
fn read(text: &str) -> BTreeSet<String> {
    let words = text.split('$').skip(1).map(|it| {
        it.chars().take_while(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || *it == '_')
    });
    words.map(String::from_iter).filter(|it| !it.is_empty()).collect()
}

#[test]
fn a_build_reads_what_its_project_and_its_action_set() {
    let files = roots::build_specs().files;
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
