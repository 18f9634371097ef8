//! Boundaries of roles.

use std::collections::BTreeSet;

use infra_gen::{config::Environment, roots};
use serde_json::Value;

use super::{Apply, account, expected};

/// Every role of an environment has the boundary that its account makes, and no permission exceeds it. The
/// boundary itself gives no right over IAM, roles, keys or policies.
#[test]
fn every_role_is_bounded_and_fits_in() {
    let accounts = roots::bootstrap().files;
    for environment in Environment::ALL {
        let account = account(environment);
        let arn = |name: String| format!("arn:aws:iam::{account}:policy/{name}");
        let path = format!("generated/bootstrap/{environment}/modules/delivery/main.tf.json");
        let delivery: Value = serde_json::from_str(&accounts[&path]).unwrap();
        let policy = |of: &str| {
            let policy = &delivery["resource"]["aws_iam_policy"][format!("{of}_{environment}")];
            let text = policy["policy"].as_str().unwrap();
            // AWS's quota for a managed policy. The text has no blanks.
            assert!(text.len() <= 6_144, "{of} {environment}: {}", text.len());
            let document: Value = serde_json::from_str(text).unwrap();
            (arn(policy["name"].as_str().unwrap().to_owned()), document["Statement"].clone())
        };
        let texts = |it: &Value| -> Vec<String> {
            it.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
        };

        let (own, statements) = policy("boundary");
        let mut allowed = BTreeSet::new();
        for statement in statements.as_array().unwrap() {
            assert_eq!(statement["Effect"], "Allow");
            for resource in texts(&statement["Resource"]) {
                let of_ours = resource.contains(&format!("dofs-{environment}-"));
                let key = resource == format!("arn:aws:kms:ap-south-1:{account}:key/*");
                assert!(of_ours || key || resource == "*", "{resource}");
            }
            allowed.extend(texts(&statement["Action"]));
        }
        for action in &allowed {
            let (service, verb) = action.split_once(':').unwrap();
            assert!(!matches!(service, "iam" | "sts" | "organizations" | "s3"), "{action}");
            assert!(!action.contains('*'), "{action}");
            let changes = ["Create", "Delete", "Put", "Update", "Attach", "Add", "Schedule"];
            let on_data =
                ["Item", "Log", "Message", "Metric", "Trace", "Telemetry", "ResourcePolicy"];
            let changes_what_is_deployed = changes.iter().any(|it| verb.starts_with(it))
                && !on_data.iter().any(|it| verb.contains(it));
            assert!(!changes_what_is_deployed, "{action}");
        }
        let (rights, _) = crate::rights::generated(environment);
        for (action, _) in rights.values().flatten() {
            assert!(allowed.contains(action), "{environment}: {action} is outside of the boundary");
        }
        let root = crate::root::Root::of(environment);
        let roles = root.resources("aws_iam_role");
        assert!(roles.len() > 5);
        for (address, role) in roles {
            assert_eq!(role["permissions_boundary"], own, "{address}");
        }

        // Who applies has one, too: the services that it is about, and of IAM exactly what its policy says.
        let (_, statements) = policy("boundary_apply");
        let role = &delivery["resource"]["aws_iam_role"][format!("delivery_apply_{environment}")];
        let reference = format!("${{aws_iam_policy.boundary_apply_{environment}.arn}}");
        assert_eq!(role["permissions_boundary"], reference);
        let statements = statements.as_array().unwrap();
        let services = texts(&statements[0]["Action"]);
        assert!(services.iter().all(|it| it.ends_with(":*") && !it.starts_with("iam:")));
        let of_iam: BTreeSet<(String, String)> = statements[1..]
            .iter()
            .flat_map(|it| {
                let resources = texts(&it["Resource"]);
                texts(&it["Action"]).into_iter().flat_map(move |action| {
                    resources.clone().into_iter().map(move |on| (action.clone(), on))
                })
            })
            .collect();
        let mut expected_of_iam = BTreeSet::new();
        for (action, on) in expected(environment, Apply) {
            let service = format!("{}:*", action.split_once(':').unwrap().0);
            if service == "iam:*" {
                let on = on.split_once(" via ").map_or(on.clone(), |(on, _)| on.to_owned());
                expected_of_iam.insert((action, on));
            } else {
                assert!(services.contains(&service), "{service}");
            }
        }
        assert_eq!(of_iam, expected_of_iam);
    }
}
