//! The root of a local system, with the emulated AWS to which it is applied.

use infra_gen::config::Environment;
use local_aws::Account;

use super::{applied::Record, steps::Steps, up::Options};
use crate::root::Root;

/// A root, and the emulated AWS to which it is applied.
#[derive(Debug)]
pub(super) struct Deployed {
    pub(super) environment: Environment,
    pub(super) account: Account,
    /// The address of the emulated AWS.
    pub(super) endpoint: String,
    pub(super) root: Root,
    /// The record of the last apply.
    pub(super) record: Record,
}

impl Deployed {
    /// Runs `terraform init`.
    pub(super) async fn init(&self, steps: &Steps) -> anyhow::Result<()> {
        let init = self.root.run_while_wanted(&["init", "-input=false", "-reconfigure"], |_| {});
        steps.step("terraform init", init).await.map(drop)
    }

    /// Applies the root, as a step with this name. It passes each line of Terraform's output to `each`.
    pub(super) async fn apply(
        &self,
        name: &str,
        arguments: &[&str],
        options: &Options,
        steps: &Steps,
        mut each: impl FnMut(&str),
    ) -> anyhow::Result<()> {
        let parallelism = format!("-parallelism={}", options.parallelism);
        let fixed = ["apply", "-input=false", "-auto-approve", "-no-color", &parallelism];
        let arguments = [&fixed, arguments].concat();
        let mut done = 0;
        let apply = self.root.run_while_wanted(&arguments, |line| {
            let words = ["Creation", "Modifications", "Destruction"];
            if words.iter().any(|it| line.contains(&format!(": {it} complete after"))) {
                done += 1;
                steps.says(name, &format!("{done} resources"));
            }
            each(line);
        });
        steps.step(name, apply).await.map(drop)
    }

    /// Returns Terraform's outputs.
    pub(super) async fn outputs(&self) -> anyhow::Result<String> {
        self.root.run_while_wanted(&["output", "-json"], |_| {}).await
    }
}
