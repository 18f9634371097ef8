//! States that hold a secret.

use infra_gen::{config::Environment, roots};
use serde_json::Value;

use super::Roles;

/// The state has sensitive values in plain text. The author of a pull request decides which
/// commands its job runs, so no such job may read a state: there is no role for it, and the workflow assumes none.
#[test]
fn no_pull_request_reads_a_state_that_holds_a_secret() {
    fn is_sensitive(block: &Value) -> bool {
        let attributes = block["attributes"].as_object().into_iter().flatten();
        let blocks = block["block_types"].as_object().into_iter().flatten();
        attributes.into_iter().any(|(_, it)| it["sensitive"] == true)
            || blocks.into_iter().any(|(_, it)| is_sensitive(&it["block"]))
    }
    let schema = include_str!("../../../../crates/infra-core/schemas/hashicorp-aws-5.100.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let sensitive = |tf_type: &str| is_sensitive(&schema["resource_schemas"][tf_type]["block"]);
    let workflow = &roots::workflow().files[".github/workflows/ci.yml"];
    let mut with_a_secret = Vec::new();
    for environment in Environment::ALL {
        let files = roots::environment(environment).files;
        let holds_one = files.values().any(|text| {
            let file: Value = serde_json::from_str(text).unwrap_or_default();
            let types = file["resource"].as_object().into_iter().flatten();
            types.into_iter().any(|(tf_type, _)| sensitive(tf_type))
        });
        let roles = Roles::of(&roots::bootstrap().files, &format!("bootstrap/{environment}"));
        let by_token = roles.trust.values().filter(|it| it.contains("WithWebIdentity")).count();
        assert_eq!(by_token, usize::from(!holds_one), "{environment}");
        let asked = workflow.contains(&format!("role/dofs-github-plan-{environment}"));
        assert_eq!(asked, !holds_one, "{environment}");
        with_a_secret.extend(holds_one.then_some(environment));
    }
    assert_eq!(with_a_secret, [Environment::Prod]);
}
