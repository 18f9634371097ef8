//! `dofs deploy`: shows a plan of Terraform, and applies exactly that plan.

use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use local_aws::Account;
use tokio::process::Command;

use crate::{
    ask::agreed,
    generated,
    local::{
        applied::{Applied, Record},
        functions,
    },
    place::{folder, repository},
    plan::Plan,
    quotas,
    root::Root,
    site::Site,
    target::Target,
    tell::tell,
};

/// The options of `dofs deploy`.
#[derive(Debug, Args)]
pub struct Options {
    /// Do not ask for confirmation.
    #[arg(long)]
    pub yes: bool,
}

/// Runs `dofs deploy`.
///
/// # Errors
///
/// If a step fails. Nothing is applied except the plan that was shown.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    quotas::ensure(target).await?;
    generated::compare(target.env)?;
    let root = Root::of(target).await?;
    package(target).await?;
    let site = target.site()?;
    // Hash the files before planning: files that change while the plan waits for approval are not deployed.
    let planned = match site {
        Site::Local(_) => Some(Applied::now(&root, &folder(target.env))?),
        _ => None,
    };
    let plan = Plan::make(&root, &root.scratch("deploy.tfplan"), &[]).await?;
    let summary = plan.summary(target.env.as_str());
    if plan.differences.is_empty() {
        tell(target, &summary, &plan.differences)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !options.yes && !agreed(target, target.env.as_str(), &summary).await? {
        bail!("nothing was applied");
    }
    // If a local system ends during the apply, its next start must apply again, so forget the record of the last apply.
    let record = match site {
        Site::Local(it) => Some(Record::at(
            target.env,
            &it.endpoint,
            &Account { id: it.account, region: it.region },
        )?),
        _ => None,
    };
    record.iter().try_for_each(Record::forget)?;
    root.run(&["apply", "-input=false", "-no-color", &plan.path()], |_| {}).await?;
    if let (Some(record), Some(planned)) = (record, planned) {
        let outputs = root.run(&["output", "-json"], |_| {}).await?;
        record.write(&planned, &outputs)?;
    }
    let done = match options.yes {
        true => format!("{summary}\n\nall of it is applied"),
        false => "all of it is applied".to_owned(),
    };
    tell(target, &done, &plan.differences)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the zips of the functions at the paths that the root reads.
async fn package(target: &Target) -> anyhow::Result<()> {
    if let Site::Local(_) = target.site()? {
        return functions::pack(target.env, &Root::packages(&folder(target.env)), |_| {}).await;
    }
    let mut xtask = Command::from(processes::cargo::command());
    xtask.current_dir(repository()).args(["xtask", "package"]).kill_on_drop(true);
    // Hide the table of `cargo xtask package`, because stdout is for the result of this command.
    xtask.stdin(Stdio::null()).stdout(Stdio::null());
    let status = xtask.status().await.context("cargo cannot be started")?;
    ensure!(
        status.success(),
        "packing the functions failed (`cargo xtask package`); its output is above"
    );
    Ok(())
}
