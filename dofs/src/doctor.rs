//! `dofs doctor`: checks this machine and the AWS account, and prints what to do about each problem.

mod account;
mod machine;

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use crate::{
    aws::Account,
    local::state::Running,
    site::option,
    target::{Address, Target},
    tell::tell,
};
use infra_gen::config::delivery::DELIVERY;

/// The options of `dofs doctor`.
#[derive(Debug, Args)]
pub struct Options {
    /// Check the pipeline's account, not the environment's.
    #[arg(long)]
    pub pipeline: bool,

    /// Check only this machine, and do not call AWS.
    #[arg(long)]
    pub offline: bool,
}

/// The state of a checked thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is in order.
    Ok,
    /// It is missing, or too little.
    Lacking,
    /// It could not be checked.
    Unknown,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The checked item, such as a program or a quota.
    pub subject: String,
    /// Its state.
    pub state: State,
    /// The result of the check.
    pub detail: String,
    /// The fix, if the check failed.
    pub fix: Option<String>,
}

impl Finding {
    fn ok(subject: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Finding { subject: subject.to_owned(), state: State::Ok, detail, fix: None }
    }

    fn lacking(subject: &str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        let (detail, fix) = (detail.into(), Some(fix.into()));
        Finding { subject: subject.to_owned(), state: State::Lacking, detail, fix }
    }

    /// Returns a finding from an error. Errors say what to do after `fix:`.
    fn error(subject: &str, state: State, err: &dyn std::fmt::Display) -> Self {
        let text = format!("{err:#}");
        let (detail, fix) = match text.split_once("\n  fix: ") {
            Some((detail, fix)) => (detail.to_owned(), Some(fix.to_owned())),
            None => (text, None),
        };
        Finding { subject: subject.to_owned(), state, detail, fix }
    }
}

/// The results of all checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The checks of this machine.
    pub machine: Vec<Finding>,
    /// The checks of the account; `None` if AWS was not called.
    pub account: Option<Vec<Finding>>,
}

impl Report {
    /// Whether every check succeeded.
    pub fn is_well(&self) -> bool {
        self.all().all(|it| it.state == State::Ok)
    }

    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.machine.iter().chain(self.account.iter().flatten())
    }
}

/// Runs the command.
///
/// # Errors
///
/// If no check could run. A problem is not an error but a [`Finding`], with the exit code 1.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let report = look(options, target).await?;
    tell(target, &text(options, target, &report), &report)?;
    Ok(if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all checks.
///
/// # Errors
///
/// If the state of the local system cannot be read.
pub async fn look(options: &Options, target: &Target) -> anyhow::Result<Report> {
    let local = !options.pipeline
        && !target.aws
        && target.endpoint_url.is_none()
        && Running::find(target.env)?.is_some();
    let on_aws = !options.offline && !local;
    let machine = machine::look(target, options.offline, on_aws).await;
    if !on_aws {
        return Ok(Report { machine, account: None });
    }
    let endpoint = target.endpoint_url.as_ref().map(Address::as_str);
    let region = match options.pipeline {
        true => DELIVERY.region,
        false => target.env.config().region,
    };
    let account = match Account::of(region.as_str(), endpoint).await {
        Ok(account) if options.pipeline => account::of_pipeline(&account).await,
        Ok(account) => account::of_environment(&account, target.env).await,
        Err(err) => vec![Finding::error("proxy", State::Lacking, &err)],
    };
    Ok(Report { machine, account: Some(account) })
}

fn text(options: &Options, target: &Target, report: &Report) -> String {
    let whose = if options.pipeline { "the pipeline" } else { target.env.as_str() };
    let mut text = format!("this machine{}", lines(&report.machine));
    match &report.account {
        Some(found) => {
            text.push_str(&format!("\n\nthe account of {whose}{}", lines(found)));
        }
        None if options.offline => {}
        None => text.push_str(&format!(
            "\n\nThe AWS account was not checked, because {whose} runs on this machine. Check it with \
             `dofs doctor{} --aws`.",
            option(target.env.as_str())
        )),
    }
    let count = |state| report.all().filter(|it| it.state == state).count();
    let summary = match (count(State::Lacking), count(State::Unknown)) {
        (0, 0) => "nothing is lacking".to_owned(),
        (lacking, 0) => format!("{lacking} lacking"),
        (lacking, unknown) => format!("{lacking} lacking, {unknown} could not be checked"),
    };
    format!("{text}\n\n{summary}")
}

fn lines(found: &[Finding]) -> String {
    let mut text = String::new();
    for it in found {
        let state = match it.state {
            State::Ok => "ok      ",
            State::Lacking => "lacking ",
            State::Unknown => "unknown ",
        };
        text.push_str(&format!("\n  {state} {}: {}", it.subject, it.detail));
        if let Some(fix) = &it.fix {
            text.push_str(&format!("\n           fix: {fix}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_split_into_problem_and_fix() {
        let err = anyhow::anyhow!("there is none\n  fix: get one").context("no Terraform");
        let found = Finding::error("Terraform", State::Lacking, &format!("{err:#}"));
        assert_eq!(found.detail, "no Terraform: there is none");
        assert_eq!(found.fix.as_deref(), Some("get one"));
        assert_eq!(
            lines(&[found]),
            "\n  lacking  Terraform: no Terraform: there is none\n           fix: get one"
        );
    }

    #[test]
    fn an_unknown_state_is_not_well() {
        fn check(states: &[State], well: bool) {
            let finding = |state: &State| Finding {
                subject: "a".to_owned(),
                state: *state,
                detail: "b".to_owned(),
                fix: None,
            };
            let report =
                Report { machine: states.iter().map(finding).collect(), account: Some(vec![]) };
            assert_eq!(report.is_well(), well, "{states:?}");
        }
        check(&[State::Ok, State::Ok], true);
        check(&[State::Ok, State::Lacking], false);
        check(&[State::Unknown], false);
    }
}
