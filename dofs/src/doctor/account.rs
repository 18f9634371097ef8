//! Checks of the account: credentials, quotas, and the resources that `dofs bootstrap` creates.

use infra_core::model::{Stack, service_linked::ServiceLinkedRole};
use infra_gen::{
    config::{Environment, delivery::DELIVERY},
    roots, topology,
};
use serde_json::{Value, json};

use super::{Finding, State};
use crate::{
    aws::{Account, Call, Fault},
    quotas,
    root::Backend,
};

/// Checks the account of an environment.
pub(super) async fn of_environment(account: &Account, environment: Environment) -> Vec<Finding> {
    let config = environment.config();
    let mut found = vec![credentials(account, config.account.as_str(), environment.as_str()).await];
    if found[0].state != State::Ok {
        return found;
    }
    let again = format!("run `dofs bootstrap --env {environment}`");
    match Backend::of(environment) {
        Ok(backend) => found.push(state_bucket(account, &backend.bucket, &again).await),
        Err(err) => found.push(Finding::error(BUCKET, State::Unknown, &err)),
    }
    found.extend(linked_roles(account, &topology::dofs(environment), &again).await);
    found.push(log_role(account, &again).await);
    for quota in quotas::of(account, environment).await {
        let subject = "quota";
        found.push(match &quota.has {
            Err(fault) => told(subject, &quota.to_string(), fault),
            Ok(_) if quota.is_short() => Finding::lacking(subject, quota.to_string(), quota.fix()),
            Ok(_) => Finding::ok(subject, quota.to_string()),
        });
    }
    found
}

/// Checks the account of the pipeline.
pub(super) async fn of_pipeline(account: &Account) -> Vec<Finding> {
    let mut found = vec![credentials(account, DELIVERY.account.as_str(), "the pipeline").await];
    if found[0].state != State::Ok {
        return found;
    }
    let again = "run `dofs bootstrap --pipeline`";
    found.push(state_bucket(account, &topology::cicd_backend().bucket, again).await);
    found.extend(linked_roles(account, &topology::cicd(), again).await);
    found.push(connection(account).await);
    found
}

const BUCKET: &str = "bucket for Terraform's state";

/// Returns a finding about a check that AWS refused.
fn told(subject: &str, what: &str, fault: &Fault) -> Finding {
    Finding {
        subject: subject.to_owned(),
        state: State::Unknown,
        detail: what.to_owned(),
        fix: fault.fix().map(str::to_owned),
    }
}

async fn credentials(account: &Account, id: &str, name: &str) -> Finding {
    let subject = "credentials";
    match account.expect(id, name).await {
        Ok(arn) => Finding::ok(subject, format!("{arn}, in {}", account.region())),
        Err(err) => Finding::error(subject, State::Lacking, &format!("{err:#}")),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
async fn state_bucket(account: &Account, name: &str, fix: &str) -> Finding {
    match account.send(Call::head_bucket(account.region(), name)).await {
        Err(fault) => told(BUCKET, &format!("{name}: {}", fault.problem()), &fault),
        Ok(answer) => match answer.status {
            200 => Finding::ok(BUCKET, name),
            404 => Finding::lacking(BUCKET, format!("{name} does not exist"), fix),
            301 | 307 | 400 => Finding::lacking(
                BUCKET,
                format!("{name} is in another region than {}", account.region()),
                "set the region in infra-gen/src/config.rs, or delete the bucket and run `dofs bootstrap`",
            ),
            403 => Finding::lacking(
                BUCKET,
                format!("{name} exists, but these credentials have no permission to use it"),
                "use a role with permission; if the bucket belongs to another account, change the prefix of the names",
            ),
            other => Finding {
                subject: BUCKET.to_owned(),
                state: State::Unknown,
                detail: format!("S3 answers {other} for {name}"),
                fix: None,
            },
        },
    }
}

/// Checks the service-linked roles. A service creates its role at the first use, with the permissions of the caller, which the
/// role that applies does not have.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>
async fn linked_roles(account: &Account, root: &Stack, fix: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for role in ServiceLinkedRole::ALL.into_iter().filter(|it| it.is_used_by(root)) {
        found.push(linked_role(account, role.name(), fix).await);
    }
    found
}

async fn linked_role(account: &Account, name: &str, fix: &str) -> Finding {
    let subject = "service-linked role";
    let answer = account.send(Call::iam(&format!("Action=GetRole&RoleName={name}"))).await;
    match answer.and_then(|it| it.text().map(drop)) {
        Ok(()) => Finding::ok(subject, name),
        Err(fault) if fault.is("NoSuchEntity") => {
            Finding::lacking(subject, format!("{name} does not exist"), fix)
        }
        Err(fault) => told(subject, &format!("{name}: {}", fault.problem()), &fault),
    }
}

/// Checks the role with which API Gateway writes logs. Without it, API Gateway refuses stages with logging.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html>
async fn log_role(account: &Account, fix: &str) -> Finding {
    let subject = "log role of API Gateway";
    let answer = account.send(Call::get("apigateway", account.region(), "/account")).await;
    match answer.and_then(|it| it.json()) {
        Ok(settings) => match settings["cloudwatchRoleArn"].as_str().filter(|it| !it.is_empty()) {
            Some(role) => Finding::ok(subject, role),
            None => Finding::lacking(subject, "the account has no such role in this region", fix),
        },
        Err(fault) => told(subject, &fault.problem(), &fault),
    }
}

async fn connection(account: &Account) -> Finding {
    let subject = "connection to GitHub";
    let Some(name) = connection_name() else {
        let detail = "generated/cicd names no connection".to_owned();
        return Finding { subject: subject.to_owned(), state: State::Unknown, detail, fix: None };
    };
    match connection_status(account, &name).await {
        Err(fault) => told(subject, &fault.problem(), &fault),
        Ok(Some(status)) if status == "AVAILABLE" => Finding::ok(subject, name),
        Ok(Some(status)) => Finding::lacking(
            subject,
            format!("{name} is not confirmed: its status is {status}"),
            "confirm it in the console: Developer Tools, Settings, Connections",
        ),
        Ok(None) => Finding::lacking(
            subject,
            format!("{name} does not exist"),
            "apply generated/cicd: terraform -chdir=generated/cicd apply",
        ),
    }
}

/// Returns the name of the pipeline's connection in the generated files.
fn connection_name() -> Option<String> {
    roots::cicd().files.values().find_map(|text| {
        let file: Value = serde_json::from_str(text).ok()?;
        let connections = file["resource"]["aws_codestarconnections_connection"].as_object()?;
        let name = connections.values().find_map(|it| it["name"].as_str());
        name.map(str::to_owned)
    })
}

/// Returns the status of the connection with this name. An account has at most one.
/// <https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_ListConnections.html>
async fn connection_status(account: &Account, name: &str) -> Result<Option<String>, Fault> {
    let target = "CodeStar_connections_20191201.ListConnections";
    let mut body = json!({ "ProviderTypeFilter": "GitHub" });
    loop {
        let call = Call::json("codestar-connections", account.region(), target, &body);
        let page = account.send(call).await?.json()?;
        let own = page["Connections"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|it| it["ConnectionName"] == name);
        if let Some(own) = own {
            return Ok(Some(own["ConnectionStatus"].as_str().unwrap_or_default().to_owned()));
        }
        match page["NextToken"].as_str().filter(|it| !it.is_empty()) {
            Some(token) => body["NextToken"] = token.into(),
            None => return Ok(None),
        }
    }
}
