//! The exact rights of every role of an environment, in snapshots, so that a right is never added or removed unseen.

use std::collections::{BTreeMap, BTreeSet};

use infra_gen::{config::Environment, roots};
use serde_json::Value;

use crate::snapshot::snapshot;

pub(crate) type Pairs = BTreeSet<(String, String)>;

/// Reads what the generated policies of roles say.
pub(crate) fn generated(
    environment: Environment,
) -> (BTreeMap<String, Pairs>, BTreeMap<String, String>) {
    let (mut rights, mut trust) = (BTreeMap::new(), BTreeMap::new());
    for (path, text) in roots::environment(environment).files {
        if !path.ends_with("/main.tf.json") {
            continue;
        }
        let file: Value = serde_json::from_str(&text).unwrap();
        let Some(roles) = file["resource"]["aws_iam_role"].as_object() else { continue };
        for name in roles.keys() {
            let policy = |of: &str| {
                file["data"]["aws_iam_policy_document"][of]["statement"]
                    .as_array()
                    .cloned()
                    .unwrap()
            };
            assert_eq!(
                file["resource"]["aws_iam_role_policy"][name]["policy"],
                format!("${{data.aws_iam_policy_document.{name}.json}}")
            );
            rights.insert(name.clone(), policy(name).iter().flat_map(pairs).collect());
            let statement = &policy(&format!("{name}_trust"))[0];
            let principal = statement["principals"][0]["identifiers"][0].as_str().unwrap();
            let condition = statement["condition"][0]["variable"].as_str();
            let condition = condition.map_or(String::new(), |it| format!(", {it}"));
            trust.insert(name.clone(), format!("{principal}{condition}"));
        }
    }
    (rights, trust)
}

pub(crate) fn pairs(statement: &Value) -> Pairs {
    assert_eq!(statement["effect"], "Allow");
    let sid = statement["sid"].as_str().map_or(String::new(), |it| format!(" {it}"));
    let via = statement["condition"][0]["values"].as_array();
    let via = via.map_or(String::new(), |values| {
        let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
        format!(" via {}", values.join(", "))
    });
    let texts = |field: &str| -> Vec<String> {
        let list = statement[field].as_array().unwrap();
        list.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    let mut pairs = Pairs::new();
    for action in texts("actions") {
        for resource in texts("resources") {
            pairs.insert((action.clone(), format!("{resource}{sid}{via}")));
        }
    }
    pairs
}

/// One row for each role and resource: `role: actions on resource`.
fn rows(rights: &BTreeMap<String, Pairs>) -> Vec<String> {
    let mut rows = Vec::new();
    for (role, pairs) in rights {
        let mut by_resource = BTreeMap::<&str, Vec<&str>>::new();
        for (action, resource) in pairs {
            by_resource.entry(resource).or_default().push(action);
        }
        let of_role = by_resource.into_iter();
        rows.extend(
            of_role.map(|(resource, it)| format!("{role}: {} on {resource}", it.join(", "))),
        );
    }
    rows
}

#[test]
fn every_role_may_do_exactly_this() {
    let (prod, trusted) = generated(Environment::Prod);
    snapshot("rights", rows(&prod));
    snapshot("trust", trusted.iter().map(|(role, who)| format!("{role}: {who}")));
    // Rights on keys exist where the keys do: in prod.
    let mut without_keys = prod.clone();
    for pairs in without_keys.values_mut() {
        pairs.retain(|(_, resource)| !resource.contains("_key_arn"));
    }
    assert_ne!(without_keys, prod);
    for environment in [Environment::Dev, Environment::Staging] {
        let (rights, trust) = generated(environment);
        assert_eq!(rights, without_keys, "rule 2, rights, in {environment}");
        assert_eq!(trust, trusted, "rule 2, trust, in {environment}");
    }
}

/// Whatever is blessed: a role has single actions, on resources of this system, unless AWS defines the actions without
/// resources. Only a service of AWS assumes a role.
#[test]
fn no_role_may_do_everything_or_act_everywhere() {
    for environment in Environment::ALL {
        let (rights, trust) = generated(environment);
        for (role, (action, resource)) in
            rights.iter().flat_map(|(role, all)| all.iter().map(move |it| (role, it)))
        {
            let right = format!("{environment}, {role}: {action} on {resource}");
            assert!(!action.contains('*'), "{right}");
            match resource.strip_prefix('*') {
                Some(sid) => assert!(sid.ends_with("NoResources"), "{right}"),
                None => assert!(resource.starts_with("${"), "{right}"),
            }
            assert!(!action.starts_with("kms:") || resource.contains(" via "), "{right}");
        }
        for (role, who) in trust {
            let service = who.split(',').next().unwrap();
            assert!(service.ends_with(".amazonaws.com"), "{environment}, {role}: {who}");
        }
    }
}
