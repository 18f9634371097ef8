//! Compares the quotas of an account with the needs of an environment.

use std::fmt;

use anyhow::bail;
use infra_core::model::quotas::{
    API_RATE, CONCURRENCY, QuotaCode, START_EXECUTION_REFILL, START_EXECUTION_SIZE,
    STATE_TRANSITION_REFILL, STATE_TRANSITION_SIZE, UNRESERVED_CONCURRENCY,
};
use infra_gen::{config::Environment, roots};
use serde_json::{Value, json};

use crate::{
    aws::{Account, Call, Fault},
    site::Site,
    target::{Address, Target},
    tell::warn,
};

/// A quota that an environment needs.
#[derive(Debug)]
pub(crate) struct Quota {
    quota: QuotaCode,
    region: &'static str,
    needed: u64,
    /// How the need is composed.
    why: String,
    /// The account's quota, or why it could not be read.
    pub(crate) has: Result<u64, Fault>,
}

impl Quota {
    /// Whether the account's quota is too small.
    pub(crate) fn is_short(&self) -> bool {
        self.has.as_ref().is_ok_and(|has| *has < self.needed)
    }

    /// Returns the fix for a quota that is too small.
    pub(crate) fn fix(&self) -> String {
        let QuotaCode { service, code, .. } = self.quota;
        format!(
            "request {} or more: aws service-quotas request-service-quota-increase --service-code \
             {service} --quota-code {code} --desired-value {} --region {}",
            self.needed, self.needed, self.region
        )
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quota { quota: QuotaCode { service, name, code }, needed, why, .. } = self;
        write!(f, "{service}, {name} ({code}): {needed} {why}")?;
        match &self.has {
            Ok(has) => write!(f, "; the account has {has}"),
            Err(fault) => write!(f, "; the quota of the account is unknown: {}", fault.problem()),
        }
    }
}

/// Returns every quota that an environment needs.
pub(crate) async fn of(account: &Account, environment: Environment) -> Vec<Quota> {
    let quotas = environment.config().quotas;
    let region = account.region();
    let mut all = vec![concurrency(account, environment).await];
    let counted_on = [
        (API_RATE, quotas.api.refill),
        (START_EXECUTION_SIZE, quotas.start_execution.size),
        (START_EXECUTION_REFILL, quotas.start_execution.refill),
        (STATE_TRANSITION_SIZE, quotas.state_transition.size),
        (STATE_TRANSITION_REFILL, quotas.state_transition.refill),
    ];
    for (quota, needed) in counted_on {
        let (needed, why) = (u64::from(needed), "are counted on".to_owned());
        all.push(Quota { quota, region, needed, why, has: value(account, quota).await });
    }
    all
}

/// Returns the account's value of a quota, or AWS's default if the account has none.
///
/// <https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html>
async fn value(account: &Account, quota: QuotaCode) -> Result<u64, Fault> {
    let applied = "ServiceQuotasV20190624.GetServiceQuota";
    let default = "ServiceQuotasV20190624.GetAWSDefaultServiceQuota";
    let body = json!({ "ServiceCode": quota.service, "QuotaCode": quota.code });
    let ask = |target| account.send(Call::json("servicequotas", account.region(), target, &body));
    let answer = match ask(applied).await?.json() {
        Err(fault) if fault.is("NoSuchResourceException") => ask(default).await?.json()?,
        answer => answer?,
    };
    number(&answer["Quota"]["Value"])
}

/// Returns the quota of concurrent executions. AWS refuses a reservation that leaves less than 100 unreserved.
///
/// - <https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html>
/// - <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html>
async fn concurrency(account: &Account, environment: Environment) -> Quota {
    let functions = reserving(environment);
    let ours: u64 = functions.iter().map(|(_, it)| it).sum();
    let seen = seen(account, &functions).await;
    let others = seen.as_ref().map_or(0, |it| it.others);
    let kept = if ours == 0 { 0 } else { u64::from(UNRESERVED_CONCURRENCY) };
    Quota {
        quota: CONCURRENCY,
        region: account.region(),
        needed: if ours == 0 { 0 } else { others + ours + kept },
        why: format!(
            "are needed ({ours} reserved by {environment}, {others} by other functions, {kept} that \
             Lambda keeps unreserved)"
        ),
        has: seen.map(|it| it.all),
    }
}

struct Concurrency {
    all: u64,
    /// The reservations of functions outside this environment.
    others: u64,
}

async fn seen(account: &Account, functions: &[(String, u64)]) -> Result<Concurrency, Fault> {
    let get = |path: String| account.send(Call::get("lambda", account.region(), path));
    let limits = get("/2016-08-19/account-settings".to_owned()).await?.json()?;
    let limits = &limits["AccountLimit"];
    let all = number(&limits["ConcurrentExecutions"])?;
    let mut others = all.saturating_sub(number(&limits["UnreservedConcurrentExecutions"])?);
    for (name, _) in functions {
        let answer = get(format!("/2019-09-30/functions/{name}/concurrency")).await?;
        // A function that is not deployed reserves nothing.
        if answer.status != 404 {
            let reserved = answer.json()?["ReservedConcurrentExecutions"].as_u64();
            others = others.saturating_sub(reserved.unwrap_or(0));
        }
    }
    Ok(Concurrency { all, others })
}

fn number(value: &Value) -> Result<u64, Fault> {
    // Service Quotas writes `1000.0`.
    let number = value.as_f64().filter(|it| *it >= 0.0);
    number.map(|it| it as u64).ok_or_else(|| Fault::unreadable("a number is missing"))
}

/// Returns the functions that reserve concurrency, according to the generated files.
fn reserving(environment: Environment) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for (path, text) in roots::environment(environment).files {
        if !path.ends_with("main.tf.json") {
            continue;
        }
        let file: Value = serde_json::from_str(&text).unwrap_or_default();
        let functions = file["resource"]["aws_lambda_function"].as_object();
        for function in functions.into_iter().flatten().map(|(_, it)| it) {
            let reserved = function["reserved_concurrent_executions"].as_u64();
            if let (Some(name), Some(reserved)) = (function["function_name"].as_str(), reserved) {
                found.push((name.to_owned(), reserved));
            }
        }
    }
    found
}

/// Checks the quotas before an apply. A quota for which AWS would reject the apply is an error, and one with which AWS would
/// throttle is a warning.
pub(crate) async fn ensure(target: &Target) -> anyhow::Result<()> {
    if let Site::Local(_) = target.site()? {
        return Ok(());
    }
    let mut refused = Vec::new();
    for quota in short(target).await? {
        let text = format!("{quota}\n  fix: {}", quota.fix());
        match quota.quota {
            CONCURRENCY => refused.push(text),
            _ => warn(&format!("warning: {text}")),
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    bail!("AWS would reject this deployment\n{}", refused.join("\n"))
}

/// Warns about small quotas at the bootstrap, because an increase may take AWS a day or more. The bootstrap itself needs none.
pub(crate) async fn tell_early(target: &Target) -> anyhow::Result<()> {
    for quota in short(target).await? {
        warn(&format!("warning: {quota}\n  fix: {}", quota.fix()));
    }
    Ok(())
}

/// Returns the quotas that are too small. It warns about quotas that cannot be read.
async fn short(target: &Target) -> anyhow::Result<Vec<Quota>> {
    let endpoint = target.endpoint_url.as_ref().map(Address::as_str);
    let account = Account::of(target.env.config().region.as_str(), endpoint).await?;
    account.expect(target.env.config().account.as_str(), target.env.as_str()).await?;
    let all = of(&account, target.env).await;
    if let Some((quota, fault)) = all.iter().find_map(|it| Some((it, it.has.as_ref().err()?))) {
        let unknown = all.iter().filter(|it| it.has.is_err()).count();
        warn(&format!(
            "warning: {unknown} quotas cannot be read, such as {}: {fault}",
            quota.quota
        ));
    }
    Ok(all.into_iter().filter(Quota::is_short).collect())
}
