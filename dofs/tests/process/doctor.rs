//! `dofs doctor`, and the checks of an account before a deployment. A fake server answers as AWS documents it.

use serde_json::{Value, json};

use crate::{
    dofs, ran,
    stranger::{Request, Stranger},
};

/// The properties of the fake account.
#[derive(Clone, Copy)]
struct Account {
    id: &'static str,
    /// Its concurrency quota, and the reservations outside of prod.
    concurrency: (u64, u64),
    /// The quota of executions per second; `None` if reading it is denied.
    starts: Option<f64>,
    bucket: u16,
    /// The existing service-linked roles.
    linked_roles: &'static [&'static str],
    log_role: Option<&'static str>,
    /// Each connection's name and status, in the order in which they are listed: one on each page.
    connections: &'static [(&'static str, &'static str)],
}

const PROD: &str = "333333333333";
const API_GATEWAY: &str = "AWSServiceRoleForAPIGateway";
const FIREWALL: &str = "AWSServiceRoleForWAFV2Logging";
const NOTIFICATIONS: &str = "AWSServiceRoleForCodeStarNotifications";

const READY: Account = Account {
    id: PROD,
    concurrency: (1000, 0),
    starts: Some(150.0),
    bucket: 200,
    linked_roles: &[API_GATEWAY, FIREWALL],
    log_role: Some("arn:aws:iam::333333333333:role/logs"),
    connections: &[],
};

/// The pipeline's account, without a connection.
const PIPELINE: Account = Account { id: "444444444444", linked_roles: &[NOTIFICATIONS], ..READY };

/// The name of the connection in `generated/cicd`.
const CONNECTION: &str = "dofs-cicd-github";
const LINKED: &str = "service-linked role";

impl Account {
    fn answer(self, request: &Request) -> (u16, String) {
        let (_, scope) = request.headers.split_once("Credential=").unwrap();
        let mut scope = scope.split('/').skip(2);
        let (region, service) = (scope.next().unwrap(), scope.next().unwrap());
        assert!(
            request.headers.to_lowercase().contains("x-amz-content-sha256") || service == "sts"
        );
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let json = |status: u16, body: Value| (status, body.to_string());
        match service {
            "sts" => (
                200,
                format!(
                    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{id}:user/o</Arn>\
                 <Account>{id}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
                    id = self.id
                ),
            ),
            "lambda" if request.path == "/2016-08-19/account-settings" => {
                let (all, others) = self.concurrency;
                json(
                    200,
                    json!({ "AccountLimit": {
                        "ConcurrentExecutions": all, "UnreservedConcurrentExecutions": all - others,
                    }}),
                )
            }
            "lambda" => json(404, json!({ "Type": "User", "Message": "Function not found" })),
            "servicequotas" => self.quota(&request.headers, &serde_json::from_str(&body).unwrap()),
            "s3" => (self.bucket, String::new()),
            "iam" => {
                assert_eq!(region, "us-east-1");
                let role = body.strip_prefix("Action=GetRole&RoleName=").unwrap();
                let role = role.strip_suffix("&Version=2010-05-08").unwrap();
                match self.linked_roles.contains(&role) {
                    true => (200, "<GetRoleResponse/>".to_owned()),
                    false => (
                        404,
                        "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no role\
                        </Message></Error></ErrorResponse>"
                            .to_owned(),
                    ),
                }
            }
            "apigateway" => json(200, json!({ "cloudwatchRoleArn": self.log_role })),
            "codestar-connections" => {
                let asked: Value = serde_json::from_str(&body).unwrap();
                let page = asked["NextToken"].as_str().map_or(0, |it| it.parse().unwrap());
                let connection = self.connections.get(page);
                let connections = connection.map(
                    |(name, status)| json!({ "ConnectionName": name, "ConnectionStatus": status }),
                );
                let mut answer = json!({ "Connections": connections.as_slice() });
                if page + 1 < self.connections.len() {
                    answer["NextToken"] = (page + 1).to_string().into();
                }
                json(200, answer)
            }
            other => panic!("{other} is asked: {request:?}"),
        }
    }

    /// Only changed quotas are listed. The others have AWS's defaults.
    fn quota(self, headers: &str, body: &Value) -> (u16, String) {
        let Some(starts) = self.starts else {
            return (
                400,
                json!({ "__type": "AccessDeniedException", "Message": "no" }).to_string(),
            );
        };
        if headers.contains("GetServiceQuota") {
            let missing = json!({ "__type": "NoSuchResourceException", "Message": "no" });
            return (400, missing.to_string());
        }
        let value = match body["QuotaCode"].as_str().unwrap() {
            "L-8A5B8E43" => 10_000.0,
            "L-CE9F8059" => 800.0,
            "L-1B55A735" => starts,
            "L-137B3F65" | "L-AD9B4E93" => 800.0,
            other => panic!("{other} is asked"),
        };
        (200, json!({ "Quota": { "Value": value } }).to_string())
    }
}

fn run(account: Account, args: &[&str]) -> (Option<i32>, String, String) {
    let aws = Stranger::that_tells(move |request| account.answer(request));
    ran(&mut dofs(&[args, &["--endpoint-url", &aws.url()]].concat()))
}

/// Checks the problems that `dofs doctor` finds in the account: their subjects, states and fixes.
#[track_caller]
fn check(account: Account, args: &[&str], expected: &[(&str, &str, &str)]) {
    let args = [&["doctor", "--env", "prod", "--format", "json"], args].concat();
    let (code, stdout, stderr) = run(account, &args);
    let report: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stderr}"));
    let found: Vec<&Value> =
        report["account"].as_array().unwrap().iter().filter(|it| it["state"] != "ok").collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (finding, (subject, state, fix)) in found.iter().zip(expected) {
        assert_eq!((&finding["subject"], &finding["state"]), (&json!(subject), &json!(state)));
        let told = format!("{}{}", finding["detail"], finding["fix"]);
        assert!(told.contains(fix), "{fix:?} is not in {finding:#}");
    }
    // Problems of this machine count, too.
    let machine = report["machine"].as_array().unwrap();
    let well = found.is_empty() && machine.iter().all(|it| it["state"] == "ok");
    assert_eq!(code, Some(if well { 0 } else { 1 }), "{report:#}");
    for subject in ["Terraform", "AWS provider", "Python for `dofs local`", "ports", "disk"] {
        assert!(machine.iter().any(|it| it["subject"] == subject), "{subject}: {report:#}");
    }
}

#[test]
fn each_problem_of_an_account_is_reported_with_a_fix() {
    check(READY, &[], &[]);
    let other = Account { id: "999999999999", ..READY };
    check(
        other,
        &[],
        &[("credentials", "lacking", "choose a profile of 333333333333 with AWS_PROFILE")],
    );
    // prod reserves 520, and Lambda keeps 100.
    let small = Account { concurrency: (619, 0), ..READY };
    let fix =
        "--service-code lambda --quota-code L-B99A9384 --desired-value 620 --region ap-south-1";
    check(small, &[], &[("quota", "lacking", fix)]);
    check(Account { concurrency: (620, 0), ..READY }, &[], &[]);
    let shared = Account { concurrency: (1000, 700), ..READY };
    check(shared, &[], &[("quota", "lacking", "--desired-value 1320")]);
    let slow = Account { starts: Some(100.0), ..READY };
    check(slow, &[], &[("quota", "lacking", "--quota-code L-1B55A735 --desired-value 150")]);
    let closed = Account { starts: None, ..READY };
    let unknown = ("quota", "unknown", "AccessDeniedException: no");
    check(closed, &[], &[unknown; 5]);
    let again = "run `dofs bootstrap --env prod`";
    let bucket = "bucket for Terraform's state";
    check(Account { bucket: 404, ..READY }, &[], &[(bucket, "lacking", again)]);
    check(
        Account { bucket: 403, ..READY },
        &[],
        &[(bucket, "lacking", "have no permission to use it")],
    );
    check(Account { bucket: 301, ..READY }, &[], &[(bucket, "lacking", "another region")]);
    for (role, there) in [(API_GATEWAY, &[FIREWALL]), (FIREWALL, &[API_GATEWAY])] {
        let no_role = Account { linked_roles: there, ..READY };
        check(no_role, &[], &[(LINKED, "lacking", again)]);
        check(no_role, &[], &[(LINKED, "lacking", role)]);
    }
    let no_log = Account { log_role: None, ..READY };
    check(no_log, &[], &[("log role of API Gateway", "lacking", again)]);
}

#[test]
fn the_pipelines_account_needs_a_confirmed_connection() {
    fn connected(connections: &'static [(&str, &str)], expected: &[(&str, &str, &str)]) {
        check(Account { connections, ..PIPELINE }, &["--pipeline"], expected);
    }
    let subject = "connection to GitHub";
    connected(&[(CONNECTION, "AVAILABLE")], &[]);
    connected(&[("other", "AVAILABLE"), ("more", "PENDING"), (CONNECTION, "AVAILABLE")], &[]);
    let confirm = (subject, "lacking", "confirm it in the console");
    connected(&[(CONNECTION, "PENDING")], &[confirm]);
    connected(&[("other", "AVAILABLE"), (CONNECTION, "PENDING")], &[confirm]);
    let apply = (subject, "lacking", "apply generated/cicd");
    connected(&[], &[apply]);
    connected(&[("other", "AVAILABLE"), ("more", "PENDING")], &[apply]);
}

#[test]
fn the_pipelines_account_needs_the_role_of_its_notifications() {
    let account = Account { connections: &[(CONNECTION, "AVAILABLE")], ..PIPELINE };
    let lacking = (LINKED, "lacking", NOTIFICATIONS);
    check(Account { linked_roles: &[], ..account }, &["--pipeline"], &[lacking]);
}

#[test]
fn the_text_has_a_line_for_each_check() {
    let small = Account { concurrency: (10, 0), ..READY };
    let (code, stdout, stderr) = run(small, &["doctor", "--env", "prod"]);
    assert_eq!(code, Some(1), "{stderr}");
    for line in [
        "the account of prod",
        "  ok       credentials: arn:aws:iam::333333333333:user/o, in ap-south-1",
        "  lacking  quota: lambda, Concurrent executions (L-B99A9384): 620 are needed (520 reserved by \
         prod, 0 by other functions, 100 that Lambda keeps unreserved); the account has 10",
        "           fix: request 620 or more: aws service-quotas request-service-quota-increase",
    ] {
        assert!(stdout.contains(line), "{line:?} is not in:\n{stdout}");
    }
}

/// Otherwise AWS would reject the apply, after minutes of packing and planning.
#[test]
fn deploy_asks_for_the_accounts_limits_first() {
    let small = Account { concurrency: (10, 0), ..READY };
    let (code, stdout, stderr) = run(small, &["deploy", "--env", "prod", "--yes"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(
        stderr.contains("AWS would reject this deployment")
            && stderr.contains("--desired-value 620"),
        "{stderr}"
    );
    let other = Account { id: "999999999999", ..READY };
    let (code, _, stderr) = run(other, &["deploy", "--env", "prod", "--yes"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the credentials are of the account 999999999999"), "{stderr}");
}

/// It names the quotas to request early, because an increase takes AWS a day or more, and continues.
#[test]
fn bootstrap_says_early_what_to_request() {
    let other = Account { id: "999999999999", ..READY };
    let (code, _, stderr) = run(other, &["bootstrap", "--env", "prod", "--yes"]);
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the credentials are of the account 999999999999"), "{stderr}");
}
