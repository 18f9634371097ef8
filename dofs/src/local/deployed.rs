//! The root of a local system, as it is applied to its emulated AWS.

use infra_gen::config::Environment;
use local_aws::Account;

use super::{applied::Record, steps::Steps, up::Options};
use crate::root::Root;

/// A root, and the emulated AWS that it is applied to.
#[derive(Debug)]
pub(super) struct Deployed {
    pub(super) environment: Environment,
    pub(super) account: Account,
    /// Where the emulated AWS listens.
    pub(super) endpoint: String,
    pub(super) root: Root,
    /// What was applied last.
    pub(super) record: Record,
}

impl Deployed {
    /// Has Terraform get what the root needs.
    pub(super) async fn init(&self, steps: &Steps) -> anyhow::Result<()> {
        let init = self.root.run_while_wanted(&["init", "-input=false", "-reconfigure"], |_| {});
        steps.step("terraform init", init).await.map(drop)
    }

    /// Applies the root, as a step of this name. Hands over each line that Terraform prints.
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

    /// What Terraform puts out.
    pub(super) async fn outputs(&self) -> anyhow::Result<String> {
        self.root.run_while_wanted(&["output", "-json"], |_| {}).await
    }
}
