//! The roles in the accounts of environments.

use std::collections::BTreeMap;

use infra_gen::{config::Environment, roots};

use super::{Apply, Readers, Roles, Smoke, expected};
use crate::rights::Pairs;

#[test]
fn in_an_account_every_role_may_do_exactly_this() {
    fn check(environment: Environment) {
        let roles = Roles::of(&roots::bootstrap().files, &format!("bootstrap/{environment}"));
        let named = |name: &str| format!("{name}_{environment}");
        let plan = expected(environment, Readers);
        let mut rights = BTreeMap::from([
            // Its one policy is AWS's own.
            ("api_gateway_logs".to_owned(), Pairs::new()),
            (named("delivery_apply"), expected(environment, Apply)),
            (named("delivery_plan"), plan.clone()),
            (named("delivery_smoke"), expected(environment, Smoke)),
        ]);
        // prod's state holds the key of its API, which no pushed branch may read.
        let by_github = environment != Environment::Prod;
        rights.extend(by_github.then(|| (named("github_plan"), plan)));
        for (role, pairs) in &rights {
            let found = &roles.rights[role];
            let (more, less): (Vec<_>, Vec<_>) =
                (found.difference(pairs).collect(), pairs.difference(found).collect());
            assert!(more.is_empty() && less.is_empty(), "{role}: more {more:#?}, less {less:#?}");
        }
        assert_eq!(roles.rights, rights, "{environment}");

        let taken = |does: &str| {
            format!(
                "sts:AssumeRole by arn:aws:iam::444444444444:root, aws:PrincipalArn = \
                 arn:aws:iam::444444444444:role/dofs-cicd-{does}-{environment}"
            )
        };
        let github = "sts:AssumeRoleWithWebIdentity by ${var.github_provider_arn}, \
                      token.actions.githubusercontent.com:aud = sts.amazonaws.com, \
                      token.actions.githubusercontent.com:sub = repo:dofs-example/dofs:pull_request";
        let mut trust = BTreeMap::from([
            (
                "api_gateway_logs".to_owned(),
                "sts:AssumeRole by apigateway.amazonaws.com".to_owned(),
            ),
            (named("delivery_apply"), taken("apply")),
            (named("delivery_plan"), taken("plan")),
            (named("delivery_smoke"), taken("smoke")),
        ]);
        trust.extend(by_github.then(|| (named("github_plan"), github.to_owned())));
        assert_eq!(roles.trust, trust, "{environment}");
    }
    Environment::ALL.into_iter().for_each(check);
    let own = Roles::of(&roots::bootstrap().files, "bootstrap/delivery");
    assert!(own.rights.is_empty(), "no role deploys to the pipeline's account");
}
