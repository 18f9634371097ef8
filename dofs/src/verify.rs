//! `dofs verify`: compares the deployed resources with the generated files.
//!
//! It lets Terraform plan, and reports the changes in the plan. A comparison of our own would be less complete, and could be
//! out of date.

use std::process::ExitCode;

use crate::{
    generated,
    plan::{Difference, Plan},
    root::Root,
    target::Target,
    tell::tell,
};

/// Returns every difference between the files of a root and its deployed resources.
///
/// # Errors
///
/// If Terraform cannot plan.
pub async fn differences(root: &Root) -> anyhow::Result<Vec<Difference>> {
    // The plan is only read and never applied, so it needs no lock.
    let plan = Plan::make(root, &root.scratch("verify.tfplan"), &["-lock=false"]).await?;
    Ok(plan.differences.clone())
}

/// Runs `dofs verify`.
///
/// # Errors
///
/// If Terraform cannot plan.
pub async fn run(target: &Target) -> anyhow::Result<ExitCode> {
    generated::compare(target.env)?;
    let found = differences(&Root::of(target).await?).await?;
    let lines: String = found.iter().map(|it| format!("\n  {it}")).collect();
    let text = match found.len() {
        0 => format!("{} is deployed as generated: no differences", target.env),
        1 => format!("1 difference{lines}"),
        many => format!("{many} differences{lines}"),
    };
    tell(target, &text, &found)?;
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
