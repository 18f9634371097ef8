//! AWS's API models: every request that an emulator gets, by botocore's model of the service.
//!
//! The suite records what Terraform, the functions and `dofs` send to each emulator, and starts this program when all
//! others have ended.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod faults;
mod sent;

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use local_aws::Tools;
use serde::Deserialize;

/// The output of `recorded.py`.
#[derive(Debug, Deserialize)]
struct Said {
    /// By the name of the recording.
    recordings: BTreeMap<String, Count>,
    /// How many requests there were, by service.
    services: BTreeMap<String, usize>,
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Count {
    requests: usize,
    values: usize,
}

#[derive(Debug, Deserialize)]
struct Finding {
    issue: String,
    what: String,
    /// The member: `iam.CreateRole.RoleName`.
    kind: String,
    /// The recording and the request.
    address: String,
}

/// Next to what cargo builds, so that it is made once. The emulator comes with botocore.
fn tools() -> Tools {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    Tools::prepare(&folder).unwrap_or_else(|err| panic!("{err}"))
}

/// Judges all recordings of a folder.
#[track_caller]
fn judge(folder: &Path) -> Said {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/recorded.py");
    // Python must not write its cache next to the sources.
    let output = Command::new(tools().python()).arg("-B").arg(script).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The folder that the suite has recorded into, and whether all programs of the suite have run.
#[expect(clippy::disallowed_methods, reason = "a variable of the suite, which no function reads")]
fn recorded() -> (PathBuf, bool) {
    let folder = std::env::var_os("DOFS_RECORDINGS").filter(|it| !it.is_empty());
    let folder =
        folder.expect("DOFS_RECORDINGS names no folder: docs/testing.md says how to record");
    (folder.into(), std::env::var_os("DOFS_RECORDED").is_some_and(|it| it == "everything"))
}

/// The recordings of the whole suite: a part of their names, and the least number of values.
const RECORDED: [(&str, usize); 11] = [
    ("tmp+apply-prod+", 2_500),
    ("tmp+apply-dev+", 2_500),
    ("tmp+apply-as-it-is+", 500),
    ("tmp+moved+", 100),
    ("tmp+system+", 20_000),
    ("tmp+rights+", 2_000),
    ("delivery+pipeline+", 2_500),
    ("delivery+killed+", 1_000),
    ("command+", 500),
    ("functions+process-", 4_000),
    ("functions+page-", 1),
];

/// The services that the whole suite calls. A request to any other one is judged as well.
const SERVICES: [&str; 15] = [
    "apigateway",
    "cloudwatch",
    "dynamodb",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "service-quotas",
    "sns",
    "sqs",
    "stepfunctions",
    "sts",
    "wafv2",
];

#[test]
#[ignore = "the suite runs it, when all programs that send requests have ended"]
fn every_recorded_request_is_one_that_the_service_takes() {
    let (folder, is_everything) = recorded();
    let Said { recordings, services, findings } = judge(&folder);
    let sum = |part: &str, count: fn(&Count) -> usize| -> usize {
        recordings.iter().filter(|(name, _)| name.contains(part)).map(|(_, it)| count(it)).sum()
    };
    // Past the harness, which keeps what a passing test prints.
    let _ = writeln!(
        io::stdout(),
        "measured: requests by botocore's models: {} requests to {} services in {} emulators, {} values, {} of prod: \
         {} violations",
        sum("", |it| it.requests),
        services.len(),
        recordings.len(),
        sum("", |it| it.values),
        sum("apply-prod", |it| it.values),
        findings.len(),
    );
    assert!(findings.is_empty(), "{findings:#?}");
    if is_everything {
        for (part, least) in RECORDED {
            assert!(sum(part, |it| it.values) >= least, "{part}: {recordings:#?}");
        }
        for service in SERVICES {
            assert!(services.contains_key(service), "nothing calls {service}: {services:#?}");
        }
    }
}
