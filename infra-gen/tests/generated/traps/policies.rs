//! Policies: who may do what, and in whose name.

use super::everywhere;

/// <https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html>,
/// <https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html>
#[test]
fn whoever_traces_has_the_rights_that_its_service_asks_for() {
    const SENDS: [&str; 2] = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
    const SAMPLES: [&str; 2] = ["xray:GetSamplingRules", "xray:GetSamplingTargets"];
    everywhere(|_, root| {
        let policies = root.policies();
        let check = |role: &str, due: &[&str]| {
            let statements = policies[role]["statement"].as_array().unwrap();
            let actions = statements.iter().flat_map(|it| it["actions"].as_array().unwrap());
            let mut found: Vec<&str> = actions.map(|it| it.as_str().unwrap()).collect();
            found.retain(|it| it.starts_with("xray:"));
            found.sort_unstable();
            assert_eq!(found, due, "{role}");
        };
        for (name, function) in root.resources("aws_lambda_function") {
            assert_eq!(function["tracing_config"][0]["mode"], "Active", "{name}");
            check(&name, &SENDS);
        }
        for (name, machine) in root.resources("aws_sfn_state_machine") {
            assert_eq!(machine["tracing_configuration"][0]["enabled"], true, "{name}");
            check(&name, &[SAMPLES, SENDS].concat());
        }
    });
}

#[test]
fn services_act_for_us_alone() {
    everywhere(|_, root| {
        for (name, permission) in root.resources("aws_lambda_permission") {
            assert!(permission["source_arn"].as_str().is_some_and(|it| it.len() > 20), "{name}");
        }
        for (name, policy) in root.policies() {
            for statement in policy["statement"].as_array().unwrap() {
                let service = statement["principals"][0]["identifiers"][0].as_str();
                let conditional = statement["condition"][0]["variable"] == "aws:SourceAccount";
                // Lambda sets no `aws:SourceAccount` when it assumes a role. Only Lambda can assume it,
                // and only for a function of this account.
                let exempt = matches!(service, None | Some("lambda.amazonaws.com" | "*"));
                assert!(exempt || conditional, "{name}");
            }
        }
    });
}

#[test]
fn policies_are_sorted_and_merged() {
    everywhere(|_, root| {
        for (name, policy) in root.policies() {
            let mut targets = Vec::new();
            for statement in policy["statement"].as_array().unwrap() {
                let actions = statement["actions"].as_array().unwrap();
                assert!(actions.is_sorted_by_key(|it| it.as_str().unwrap().to_owned()), "{name}");
                let (on, when) = (&statement["resources"], &statement["condition"]);
                targets.push(format!("{on}{when}{}", statement["sid"]));
            }
            let count = targets.len();
            targets.sort();
            targets.dedup();
            assert_eq!(count, targets.len(), "{name} has two statements on one target");
        }
    });
}
