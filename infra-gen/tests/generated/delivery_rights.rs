//! The exact rights of every role of the delivery: of the builds and the pipeline, of the roles that they assume in an
//! environment's account, and of pull requests. The (action, resource) pairs are written here a second time by hand, so
//! that a right is never added or removed by accident.

mod boundaries;
mod builds;
mod environments;
mod features;
mod names;
mod secrets;
mod table;

use std::collections::BTreeMap;

use By::{All, Apply, Readers, Smoke};
use infra_gen::{config::Environment, roots};
use serde_json::Value;

use crate::rights::{Pairs, pairs};
use features::{KEYED, SHIELDED, SUBSCRIBERS};
use table::RIGHTS;

/// Who has a right on an environment's resources: who plans, who applies, who tries it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// All three read.
    All,
    Apply,
    Smoke,
    /// Whoever does not change the state.
    Readers,
}

fn account(environment: Environment) -> &'static str {
    match environment {
        Environment::Dev => "111111111111",
        Environment::Staging => "222222222222",
        Environment::Prod => "333333333333",
    }
}

/// The permissions of a role that plans, applies or tests an environment.
fn expected(environment: Environment, who: By) -> Pairs {
    let account = account(environment);
    let subscribers = if environment == Environment::Dev { &[] } else { SUBSCRIBERS };
    let mut pairs = Pairs::new();
    let (shielded, keyed) = match environment {
        Environment::Prod => (SHIELDED, KEYED),
        Environment::Dev | Environment::Staging => (&[][..], &[][..]),
    };
    for (by, actions, resource) in RIGHTS.iter().chain(subscribers).chain(shielded).chain(keyed) {
        if !(*by == All || *by == who || (*by == Readers && who != Apply)) {
            continue;
        }
        let resource = resource
            .replace("{r}", &format!("ap-south-1:{account}"))
            .replace("{a}", account)
            .replace("{e}", environment.as_str())
            .replace("{p}", &format!("dofs-{environment}"))
            .replace("{state}", &format!("dofs/{environment}/terraform.tfstate"));
        pairs.extend(actions.iter().map(|it| ((*it).to_owned(), resource.clone())));
    }
    pairs
}

/// The policies of the roles below a folder of `generated/`, and who may take each of them on.
struct Roles {
    rights: BTreeMap<String, Pairs>,
    trust: BTreeMap<String, String>,
}

impl Roles {
    fn of(files: &BTreeMap<String, String>, root: &str) -> Self {
        let mut roles = Roles { rights: BTreeMap::new(), trust: BTreeMap::new() };
        for (path, text) in files {
            if !path.starts_with(&format!("generated/{root}/")) || !path.ends_with("/main.tf.json")
            {
                continue;
            }
            let file: Value = serde_json::from_str(text).unwrap();
            let policy = |of: &str| -> Vec<Value> {
                let document = &file["data"]["aws_iam_policy_document"][of];
                document["statement"].as_array().cloned().unwrap_or_default()
            };
            for name in file["resource"]["aws_iam_role"].as_object().into_iter().flatten() {
                let name = name.0;
                roles.rights.insert(name.clone(), policy(name).iter().flat_map(pairs).collect());
                roles.trust.insert(name.clone(), trust(&policy(&format!("{name}_trust"))[0]));
            }
        }
        roles
    }
}

/// `action by principal, variable = value`
fn trust(statement: &Value) -> String {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let mut said = format!(
        "{} by {}",
        text(&statement["actions"][0]),
        text(&statement["principals"][0]["identifiers"][0])
    );
    for it in statement["condition"].as_array().into_iter().flatten() {
        said.push_str(&format!(", {} = {}", text(&it["variable"]), text(&it["values"][0])));
    }
    said
}

/// The table above finds a role that has lost a statement: for every statement of the role that
/// applies, and of the build that assumes it.
#[test]
fn a_statement_that_is_gone_is_missed() {
    fn check(file: &str, text: &str, role: &str, expected: &Pairs) {
        let file: Value = serde_json::from_str(text).unwrap_or_else(|err| panic!("{file}: {err}"));
        let statements = &file["data"]["aws_iam_policy_document"][role]["statement"];
        let statements = statements.as_array().unwrap();
        assert!(statements.len() > 2);
        for gone in 0..statements.len() {
            let left = statements.iter().enumerate().filter(|(at, _)| *at != gone);
            let left: Pairs = left.flat_map(|(_, it)| pairs(it)).collect();
            assert_ne!(&left, expected, "{role} without {:#}", statements[gone]);
        }
    }
    for environment in Environment::ALL {
        let path = format!("generated/bootstrap/{environment}/modules/delivery/main.tf.json");
        let role = format!("delivery_apply_{environment}");
        let expected = expected(environment, Apply);
        check(&path, &roots::bootstrap().files[&path], &role, &expected);
        let (path, role) =
            ("generated/cicd/modules/cicd/main.tf.json", format!("apply_{environment}"));
        let files = roots::cicd().files;
        let own = Roles::of(&files, "cicd").rights[&role].clone();
        check(path, &files[path], &role, &own);
    }
}

/// As IAM compares: a star stands for anything.
fn fits(pattern: &str, arn: &str) -> bool {
    let mut rest = arn;
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else { return false };
    rest = after;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || pattern.ends_with('*')
}
