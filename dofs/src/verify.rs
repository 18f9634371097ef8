//! The deployed system against the generated files.
//!
//! Terraform itself reads everything that is deployed and says what it would change: no list of our
//! own could be as complete, and none of it could be older than the files.

use std::process::ExitCode;

use crate::{
    generated,
    plan::{Difference, Plan},
    root::Root,
    target::Target,
    tell::tell,
};

/// Every difference between a root's files and what is deployed.
///
/// # Errors
///
/// Where Terraform cannot tell.
pub async fn differences(root: &Root) -> anyhow::Result<Vec<Difference>> {
    // It only reads, so it needs no lock.
    let plan = Plan::make(root, &root.scratch("verify.tfplan"), &["-lock=false"]).await?;
    Ok(plan.differences.clone())
}

/// `dofs verify`
///
/// # Errors
///
/// Where Terraform cannot tell.
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
