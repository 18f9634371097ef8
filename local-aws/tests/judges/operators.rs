//! The rights of the operator's commands, as `docs/operating.md` lists them, checked by the judges of IAM.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

use crate::{
    findings::{accepted, differences},
    generated, iam,
};

const GUIDE: &str = include_str!("../../../docs/operating.md");

/// A root that has each row of the table as a policy.
fn root(name: &str, guide: &str) -> PathBuf {
    fn quoted(cell: &str) -> impl Iterator<Item = &str> {
        cell.split('`').skip(1).step_by(2)
    }
    let (_, table) = guide.split_once("| command | resource | to look | to change |").unwrap();
    let rows = table.lines().skip(2).take_while(|it| it.starts_with('|'));
    let mut policies = Map::new();
    for (number, row) in rows.enumerate() {
        let cells: Vec<_> = row.split('|').collect();
        let [_, _, resources, look, change, _] = cells[..] else { panic!("{row}") };
        let actions: Vec<_> = quoted(look).chain(quoted(change)).collect();
        let service = actions[0].split(':').next().unwrap();
        let arn = |it: &str| format!("arn:aws:{service}:ap-south-1:111111111111:{it}");
        let resources: Vec<_> = quoted(resources).map(arn).collect();
        let statement = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] });
        policies.insert(format!("row_{}", number + 1), json!({ "policy": policy.to_string() }));
    }
    assert!(policies.len() > 10, "{policies:?}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let providers = "providers.tf.json";
    fs::copy(generated::committed().join("dev").join(providers), folder.join(providers)).unwrap();
    let main: Value = json!({ "resource": { "aws_iam_policy": policies } });
    fs::write(folder.join("main.tf.json"), main.to_string()).unwrap();
    folder
}

#[test]
fn every_right_of_the_guide_is_one_that_aws_knows() {
    let said = iam::ask(&root("judges-operators", GUIDE)).unwrap_or_else(|err| panic!("{err}"));
    let accepted = accepted(iam::JUDGES);
    let (mut open, _) = differences(&said.findings, &accepted);
    // ListExecutions is about a machine or about a Map Run. parliament asks for both:
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
    let map_run = "states:ListExecutions on arn:*:states:*:*:mapRun:*/*:*";
    open.retain(|it| !it.is("parliament", "RESOURCE_MISMATCH", map_run, ""));
    assert!(open.is_empty(), "{open:#?}");
    let rows = GUIDE.lines().filter(|it| it.starts_with("| `") && it.contains("-ENV-")).count();
    assert_eq!(said.statements, rows);
}

#[test]
fn a_fault_in_the_guide_is_found() {
    for (from, to, judge, issue) in [
        ("states:RedriveExecution", "states:ResumeExecution", "policy-sentry", "unknown action"),
        // Of an execution, and of a machine.
        (
            "`execution:dofs-ENV-order:*` | `states:GetExecutionHistory`",
            "`stateMachine:dofs-ENV-order` | `states:GetExecutionHistory`",
            "policy-sentry",
            "no resource of the action's types",
        ),
    ] {
        assert!(GUIDE.contains(from), "{from}");
        let folder = root("judges-operators-fault", &GUIDE.replace(from, to));
        let said = iam::ask(&folder).unwrap_or_else(|err| panic!("{err}"));
        let found = said.findings.iter().any(|it| it.is(judge, issue, "states:", ""));
        assert!(found, "{issue}: {:#?}", said.findings);
    }
}
