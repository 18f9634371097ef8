//! The roles of the pipeline's builds, from the generated root of the pipeline.

use std::{fs, path::Path};

use infra_core::model::{backend::PROVIDER_VERSION, delivery::rights::Does};
use infra_gen::config::{Environment, delivery::DELIVERY};
use local_aws::{Account, Emulator, Session};
use terraform_cli::Terraform;

use crate::{
    rights,
    support::{administrator, copy, repository},
};

/// The projects of dev.
const PROJECTS: [&str; 3] = ["plan_dev", "apply_dev", "smoke_dev"];

/// Creates the roles of dev's builds, as an administrator of the pipeline's account. The emulator has no CodeBuild and no
/// CodePipeline, so Terraform creates nothing else of the root.
pub(crate) fn create(emulator: &Emulator, work: &Path) {
    let root = work.join("cicd");
    copy(&repository().join("generated/cicd"), &root);
    // The bucket for the state is in another root.
    fs::remove_file(root.join("backend.tf.json")).unwrap();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("plugin-cache");
    let terraform = Terraform::find(PROVIDER_VERSION, work)
        .and_then(|it| it.with_plugin_cache(&cache))
        .unwrap_or_else(|err| panic!("{err}"))
        .with_environment(administrator(emulator, &account()));
    let run = |args: &[&str]| {
        let said = terraform.run(&root, &work.join("cicd-data"), args);
        said.unwrap_or_else(|err| panic!("{err}"));
    };
    run(&["init"]);
    let targets = PROJECTS.map(|it| format!("-target=module.cicd.aws_iam_role_policy.{it}"));
    let targets = targets.iter().map(String::as_str);
    let apply: Vec<&str> =
        ["apply", "-auto-approve", "-parallelism=20"].into_iter().chain(targets).collect();
    run(&apply);
}

/// Returns the session that CodeBuild gives to a build of a project.
pub(crate) fn session(emulator: &Emulator, project: &str) -> Session {
    let role = format!("dofs-cicd-{}", project.replace('_', "-"));
    emulator.assume(&account(), &role, "build").unwrap_or_else(|err| panic!("{err}"))
}

/// The rights of the role of dev's smoke test that no call here may need, each with the reason and AWS's page.
const UNUSED: &[[&str; 3]] = &[
    [
        "states:DescribeExecution on arn:aws:states:ap-south-1:{account}:execution:dofs-{env}-*",
        "`dofs load` calls it at its end for an order without a record; all orders here have theirs by then",
        "https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html",
    ],
    [
        "states:ValidateStateMachineDefinition on *",
        "the provider validates a definition that differs from the deployed one, and `dofs verify` finds none here",
        "https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html",
    ],
];

/// Whether a call of dev's smoke test has deleted a dead letter.
pub(crate) fn deletes_dead_letters(emulator: &Emulator) -> bool {
    let needed = rights::needed(emulator.log(), Environment::Dev, Does::Smoke);
    needed.iter().any(|it| it.starts_with("sqs:DeleteMessage "))
}

/// Requires that a call needed each right of the role of dev's smoke test, or that the right is listed.
pub(crate) fn check_unused(emulator: &Emulator) {
    let all = rights::rights(Environment::Dev, Does::Smoke);
    let needed = rights::needed(emulator.log(), Environment::Dev, Does::Smoke);
    let listed = |it: &String| UNUSED.iter().any(|[right, ..]| it == right);
    let unused: Vec<_> = all.difference(&needed).filter(|it| !listed(it)).collect();
    assert_eq!(unused, [""; 0]);
    let foreign: Vec<_> = UNUSED.iter().filter(|[right, ..]| !all.contains(*right)).collect();
    assert!(foreign.is_empty(), "the role does not have these rights: {foreign:?}");
}

/// The pipeline's account.
fn account() -> Account {
    Account {
        id: DELIVERY.account.as_str().to_owned(),
        region: DELIVERY.region.as_str().to_owned(),
    }
}
