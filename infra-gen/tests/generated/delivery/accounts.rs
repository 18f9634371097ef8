//! The resources of the accounts' own roots: state, buckets, roles of services.

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::{roots, topology};
use serde_json::{Value, json};

#[test]
fn state_is_where_the_backends_say() {
    let files = roots::bootstrap().files;
    for root in topology::bootstraps() {
        let path = format!("generated/bootstrap/{}/modules/account/main.tf.json", root.name);
        let file: Value = serde_json::from_str(&files[&path]).unwrap();
        let made = file["resource"]["aws_s3_bucket"]["state"]["bucket"].as_str().unwrap();
        assert_eq!(root.backend.bucket, made);
        for environment in root.environments {
            let backend = topology::backend(environment.config());
            assert_eq!(backend.bucket, made);
            assert_ne!(backend.key, root.backend.key);
        }
    }
}

/// A service makes its role by itself at the first use, in the name of who uses it, who may not do that. So the
/// account's root makes it. The pages name every use; what is generated decides which of them there are.
#[test]
fn every_account_has_the_service_linked_roles_that_its_roots_need() {
    fn needed(root: &Value) -> BTreeSet<&'static str> {
        let mut found = BTreeSet::new();
        for (tf_type, blocks) in root["resource"].as_object().into_iter().flatten() {
            for block in blocks.as_object().into_iter().flatten().map(|(_, it)| it) {
                found.extend(match tf_type.as_str() {
                    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enabling-xray.html
                    "aws_api_gateway_stage" if block["xray_tracing_enabled"] == true => {
                        Some("ops.apigateway.amazonaws.com")
                    }
                    "aws_api_gateway_domain_name" | "aws_api_gateway_vpc_link" => {
                        Some("ops.apigateway.amazonaws.com")
                    }
                    // https://docs.aws.amazon.com/dtconsole/latest/userguide/using-service-linked-roles.html
                    "aws_codestarnotifications_notification_rule" => {
                        Some("codestar-notifications.amazonaws.com")
                    }
                    // https://docs.aws.amazon.com/waf/latest/developerguide/using-service-linked-roles.html, and the
                    // service authorization reference: wafv2:PutLoggingConfiguration depends on it.
                    "aws_wafv2_web_acl_logging_configuration" => Some("wafv2.amazonaws.com"),
                    "aws_appautoscaling_target" => {
                        Some("dynamodb.application-autoscaling.amazonaws.com")
                    }
                    "aws_dynamodb_contributor_insights" => {
                        Some("contributorinsights.dynamodb.amazonaws.com")
                    }
                    "aws_dynamodb_table" if block.get("replica").is_some() => {
                        Some("replication.dynamodb.amazonaws.com")
                    }
                    _ => None,
                });
            }
        }
        found
    }
    let modules = |files: &BTreeMap<String, String>, root: &str| -> Vec<Value> {
        let of_root = |path: &&String| {
            path.starts_with(&format!("generated/{root}/modules/")) && path.ends_with(".tf.json")
        };
        let files = files.iter().filter(|(path, _)| of_root(path));
        files.map(|(_, text)| serde_json::from_str(text).unwrap()).collect()
    };
    let accounts = roots::bootstrap().files;
    for root in topology::bootstraps() {
        let mut needs = BTreeSet::new();
        for &environment in &root.environments {
            let files = roots::environment(environment).files;
            needs.extend(modules(&files, environment.as_str()).iter().flat_map(needed));
        }
        if root.environments.is_empty() {
            needs.extend(modules(&roots::cicd().files, "cicd").iter().flat_map(needed));
        }
        assert!(!needs.is_empty(), "{}", root.name);
        let mut made = BTreeSet::new();
        for module in modules(&accounts, &format!("bootstrap/{}", root.name)) {
            let roles = module["resource"]["aws_iam_service_linked_role"].as_object().cloned();
            made.extend(
                roles
                    .into_iter()
                    .flatten()
                    .map(|(_, it)| it["aws_service_name"].as_str().unwrap().to_owned()),
            );
        }
        assert_eq!(made, needs.iter().map(|it| (*it).to_owned()).collect(), "{}", root.name);
    }
}

#[test]
fn a_bucket_of_ours_is_shut() {
    let files = roots::bootstrap().files;
    let file: Value =
        serde_json::from_str(&files["generated/bootstrap/prod/modules/account/main.tf.json"])
            .unwrap();
    let part = |tf_type: &str| &file["resource"][tf_type]["state"];
    let versioning = &part("aws_s3_bucket_versioning")["versioning_configuration"][0];
    assert_eq!(versioning["status"], "Enabled");
    let shut = part("aws_s3_bucket_public_access_block");
    for it in [
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ] {
        assert_eq!(shut[it], true, "{it}");
    }
    let policy = &file["data"]["aws_iam_policy_document"]["state_bucket"]["statement"][0];
    assert_eq!((&policy["effect"], &policy["actions"]), (&json!("Deny"), &json!(["s3:*"])));
    assert_eq!(policy["condition"][0]["variable"], "aws:SecureTransport");
    assert_eq!(policy["condition"][0]["values"], json!(["false"]));
    let rules = part("aws_s3_bucket_lifecycle_configuration")["rule"].as_array().unwrap();
    assert!(rules.iter().any(|it| it["noncurrent_version_expiration"][0]["noncurrent_days"] == 90));
    assert!(rules.iter().all(|it| it["expiration"].is_null()), "the present state stays");
}
