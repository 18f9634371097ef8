//! `dofs bootstrap` by an administrator, interrupted after each of its steps and run again.

use std::path::Path;

use anyhow::bail;
use dofs::bootstrap::{Bootstrap, Step};
use local_aws::{Account, Emulator};
use terraform_cli::Provider;

use crate::{
    rights,
    support::{account, administrator, ask_iam, emulator, is_in_bucket, provider, root, work},
};

pub(crate) struct Case {
    account: Account,
    bucket: String,
    key: String,
    pub(crate) emulator: Emulator,
    /// All runs of Terraform share it.
    provider: Option<Provider>,
    bootstrap: Bootstrap,
    file: std::path::PathBuf,
}

impl Case {
    fn of(name: &str) -> Self {
        Self::at(name, name)
    }

    /// Starts an emulator for the root of an account, in this folder.
    fn at(folder: &str, name: &str) -> Self {
        let work = work(folder);
        let found = root(name);
        let account = account(&found);
        let emulator = emulator(&work, &account);
        let own = work.join("own");
        let mut variables = administrator(&emulator, &account);
        let provider = provider(&work, &variables);
        variables.push(provider.variable());
        let bootstrap = Bootstrap::at(&found, &own, variables).unwrap();
        let (bucket, key) = (found.backend.bucket, found.backend.key);
        let file = own.join("bootstrap.tfstate");
        Case { account, bucket, key, emulator, provider: Some(provider), bootstrap, file }
    }

    /// Runs until after a step, or to the end. Returns the steps.
    fn run(&self, until: Option<Step>) -> Vec<Step> {
        let mut done = Vec::new();
        let each = |step: Step| {
            done.push(step);
            if Some(step) == until { bail!("killed") } else { Ok(()) }
        };
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcome = threads.block_on(self.bootstrap.run(async |_| Ok(true), each));
        match until {
            None => outcome.unwrap_or_else(|err| panic!("{err:#}")),
            Some(step) => {
                let said = format!("{:#}", outcome.unwrap_err());
                assert_eq!(said, "killed", "behind {step}");
            }
        }
        done
    }

    /// Whether the state is in the bucket.
    fn moved(&self) -> bool {
        is_in_bucket(&self.emulator, &self.account, &self.bucket, &self.key)
    }
}

/// Prepares the account of dev, with an interrupt after each step, and with its emulator in this folder.
pub(crate) fn prepared(folder: &str) -> Case {
    let mut case = Case::at(folder, "dev");
    assert_eq!(case.run(Some(Step::Began)), [Step::Began]);
    assert_eq!(case.run(Some(Step::Applied)), [Step::Began, Step::Applied]);
    assert!(case.file.exists() && !case.moved());
    assert_eq!(case.run(Some(Step::Moved)), [Step::Began, Step::Moved], "applied once");
    assert!(case.file.exists() && case.moved());
    assert_eq!(case.run(Some(Step::Cleared)), [Step::Cleared], "moved once");
    assert!(!case.file.exists() && case.moved());
    assert_eq!(case.run(None), [], "a second run changes nothing");
    no_state_is_left(case.file.parent().unwrap());
    assert_eq!(rights::denied(case.emulator.log()), [""; 0]);
    // It takes a lot of memory, and nothing needs it any more.
    case.provider = None;
    case
}

/// A run that ends while it creates the bucket may leave a bucket that is in no state. And a file with another state must not be
/// deleted.
#[test]
fn a_bucket_without_a_state_is_adopted_and_a_foreign_state_is_kept() {
    let case = Case::of("delivery");
    case.emulator.make_bucket(&case.account, &case.bucket).unwrap();
    let all = [Step::Began, Step::Adopted, Step::Applied, Step::Moved, Step::Cleared];
    assert_eq!(case.run(None), all);
    std::fs::write(&case.file, r#"{ "version": 4, "resources": [{}] }"#).unwrap();
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let outcome = threads.block_on(case.bootstrap.run(async |_| Ok(true), |_| Ok(())));
    let said = format!("{:#}", outcome.unwrap_err());
    assert!(said.contains("is not the state in the bucket"), "{said}");
    assert!(case.file.exists());
}

/// API Gateway's role exists, because the account used tracing before. AWS refuses to create it twice.
#[test]
fn a_service_linked_role_that_aws_created_is_imported() {
    let case = Case::of("staging");
    let body = "Action=CreateServiceLinkedRole&Version=2010-05-08&\
                AWSServiceName=ops.apigateway.amazonaws.com";
    ask_iam(&case.emulator, &case.account, body);
    let all = [Step::Began, Step::Adopted, Step::Applied, Step::Moved, Step::Cleared];
    assert_eq!(case.run(None), all);
    assert_eq!(case.run(None), [], "a second run changes nothing");
}

fn no_state_is_left(folder: &Path) {
    let names = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    let names: Vec<_> = names.filter_map(|it| it.into_string().ok()).collect();
    assert!(names.iter().all(|it| !it.contains("tfstate")), "{names:?}");
}
