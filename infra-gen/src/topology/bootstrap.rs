//! The resources that exist once for each account, whatever environments run there. Each account has a root, which is
//! applied first.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use super::{PIPELINE_PREFIX, PREFIX, backend, dofs, project_name};
use infra_core::model::{
    Handle, ModuleName, Scope, Stack,
    backend::Backend,
    bucket::{Expiry, States},
    delivery::{
        boundary::{Boundary, BoundaryPolicy},
        github::{GitHub, PullRequestRole},
        rights::{Does, Rights},
        terraform_role::{Taker, TerraformRole},
    },
    limits::ObjectDays,
    refactor::Fate,
    service_linked::ServiceLinkedRole,
    stack::Finished,
};

use crate::{
    config::{AccountId, Environment, Region, delivery::DELIVERY},
    resource,
};

const ACCOUNT: ModuleName = ModuleName::new("account");
const DELIVERY_ROLES: ModuleName = ModuleName::new("delivery");

/// How long old versions of the state are kept, so that an operator can return to one.
const OLD_STATES: Expiry = Expiry::OldVersions(ObjectDays::new(90));

/// The root of an account.
#[derive(Clone)]
pub struct Bootstrap {
    /// The name, from the account's environments: `prod`, or `dev-staging` if two share the account.
    pub name: String,
    /// The only account that the root may be applied to.
    pub account: AccountId,
    /// The environments in it.
    pub environments: Vec<Environment>,
    /// The backend for its state, which is used after the bucket exists.
    pub backend: Backend,
    /// Its resources.
    pub stack: Arc<Finished>,
    /// The roles that the pipeline's builds assume.
    pub roles: BTreeMap<(Environment, Does), TerraformRole>,
    /// The roles that jobs on pull requests assume, for roots whose state has no secret.
    pub pull_requests: BTreeMap<Environment, PullRequestRole>,
}

/// The roots of all accounts, including that of the pipeline. They are made once and kept, because the pipeline and the
/// workflow need their roles, which follow from all environments.
pub fn bootstraps() -> Vec<Bootstrap> {
    static MADE: OnceLock<Vec<Bootstrap>> = OnceLock::new();
    MADE.get_or_init(make).clone()
}

/// The folder of the root of an environment's account, below `generated`.
pub fn account_root(environment: Environment) -> String {
    let place = |it: Environment| (it.config().account, it.config().region);
    let here: Vec<_> =
        Environment::ALL.into_iter().filter(|it| place(*it) == place(environment)).collect();
    format!("bootstrap/{}", name_of(environment.config().account, &here))
}

/// The name of an account's root.
fn name_of(account: AccountId, environments: &[Environment]) -> String {
    let delivery = (account == DELIVERY.account).then_some("delivery");
    let names: Vec<&str> = environments.iter().map(|it| it.as_str()).chain(delivery).collect();
    names.join("-")
}

fn make() -> Vec<Bootstrap> {
    let mut accounts: BTreeMap<(AccountId, Region), Vec<Environment>> = BTreeMap::new();
    for environment in Environment::ALL {
        let config = environment.config();
        accounts.entry((config.account, config.region)).or_default().push(environment);
    }
    accounts.entry((DELIVERY.account, DELIVERY.region)).or_default();
    accounts.into_iter().map(|((account, region), it)| bootstrap(account, region, it)).collect()
}

fn bootstrap(account: AccountId, region: Region, environments: Vec<Environment>) -> Bootstrap {
    let mut stack = Stack::new(Scope::of(PREFIX, None, account, region));
    if account == DELIVERY.account {
        stack.module(ACCOUNT).service_linked_role(
            resource!(
                /// Lets notification rules send what happens in the pipeline. The first rule would make it, and fail
                /// while it is being made.
                "notifications"
            ),
            ServiceLinkedRole::Notifications,
        );
    }
    let name = name_of(account, &environments);
    let backend = backend::bootstrap_backend(account, region);

    stack.module(ACCOUNT).private_bucket::<States>(
        resource!(
            /// Terraform's state: of the environments in this account, and of this root itself.
            "state"
        ),
        &backend.bucket,
        OLD_STATES,
    );
    let (mut roles, mut pull_requests) = (BTreeMap::new(), BTreeMap::new());
    if !environments.is_empty() {
        for_environments(&mut stack);
        let (mut github, mut firewall) = (None, false);
        for &environment in &environments {
            let deployed = Deployed::of(environment);
            let boundary = boundaries(&mut stack, &deployed);
            firewall |= ServiceLinkedRole::Firewall.is_used_by(&deployed.stack);
            for does in [Does::Plan, Does::Apply, Does::Smoke] {
                let boundary = (does == Does::Apply).then_some(&boundary);
                let role = build_role(&mut stack, &deployed, does, boundary);
                roles.insert((environment, does), role);
            }
            if deployed.rights(Does::Plan).secret().is_none() {
                let github = github.get_or_insert_with(|| know_github(&mut stack));
                let role = pull_request_role(&mut stack, &deployed, github);
                pull_requests.insert(environment, role);
            }
        }
        if environments.contains(&Environment::Prod) {
            // With this role, every pushed branch could read prod's state, which contains the API key.
            let roles = const {
                [
                    DELIVERY_ROLES.at("aws_iam_role.github_plan_prod"),
                    DELIVERY_ROLES.at("aws_iam_role_policy.github_plan_prod"),
                ]
            };
            let provider = const { ACCOUNT.at("aws_iam_openid_connect_provider.github") };
            // Another environment in the account may need it.
            let provider = github.is_none().then_some(provider);
            for it in roles.into_iter().chain(provider) {
                stack.removed(it, Fate::Destroyed);
            }
        }
        if firewall {
            stack.module(ACCOUNT).service_linked_role(
                resource!(
                    /// Lets the firewall write its log. WAF would make it, in the name of who deploys, who may not.
                    "firewall"
                ),
                ServiceLinkedRole::Firewall,
            );
        }
    }
    let stack = Arc::new(stack.finish());
    Bootstrap { name, account, environments, backend, stack, roles, pull_requests }
}

/// Adds the resources that all environments of an account share.
fn for_environments(stack: &mut Stack) {
    let mut module = stack.module(ACCOUNT);
    module.api_gateway_account(resource!(
        /// Lets API Gateway write logs. There is one such setting for each account and region, so
        /// environments that share an account would fight over it.
        "api_gateway_logs"
    ));
    module.service_linked_role(
        resource!(
            /// Lets API Gateway send traces. The first stage with tracing would make it, in the name of who deploys,
            /// who may not.
            "api_gateway"
        ),
        ServiceLinkedRole::ApiGateway,
    );
}

fn know_github(stack: &mut Stack) -> Handle<GitHub> {
    stack.module(ACCOUNT).github(resource!(
        /// GitHub, whose workflows plan pull requests without a key of ours.
        "github"
    ))
}

/// The root of an environment and its backend, from which the rights on it follow.
struct Deployed {
    environment: Environment,
    stack: Finished,
    backend: Backend,
}

impl Deployed {
    fn of(environment: Environment) -> Self {
        let backend = backend(environment.config());
        Deployed { environment, stack: dofs(environment), backend }
    }

    fn rights(&self, does: Does) -> Rights {
        Rights::on(&self.stack, &self.backend, does)
    }
}

fn build_role(
    stack: &mut Stack,
    deployed: &Deployed,
    does: Does,
    boundary: Option<&Handle<BoundaryPolicy>>,
) -> TerraformRole {
    let id = match does {
        Does::Plan => resource!(
            /// reads what is deployed, and the state.
            "delivery_plan"
        ),
        Does::Apply => resource!(
            /// applies a saved plan.
            "delivery_apply"
        ),
        Does::Smoke => resource!(
            /// holds what is deployed against the files, and follows a few orders.
            "delivery_smoke"
        ),
    };
    let environment = deployed.environment.as_str();
    let project = project_name(does, deployed.environment);
    let taker = Taker::project(DELIVERY.account, PIPELINE_PREFIX, &project);
    let account = deployed.environment.config().account;
    let rights = deployed.rights(does);
    stack.module(DELIVERY_ROLES).terraform_role(id, environment, account, taker, rights, boundary)
}

/// The boundary of the roles of an environment's root.
pub(super) fn boundary(environment: Environment) -> Boundary {
    Boundary::new(environment.config().account, format!("{PREFIX}-boundary-{environment}"))
}

/// Adds the boundary of an environment's roles, and the boundary of the role that applies it. Returns the second.
fn boundaries(stack: &mut Stack, deployed: &Deployed) -> Handle<BoundaryPolicy> {
    let environment = deployed.environment;
    let mut module = stack.module(DELIVERY_ROLES);
    module.boundary_of_roles(
        resource!(
            /// what its roles may at most do. The pipeline can make roles with it alone.
            "boundary"
        ),
        environment.as_str(),
        &boundary(environment),
        &deployed.stack,
    );
    module.boundary_of_rights(
        resource!(
            /// what the role that applies it may at most do.
            "boundary_apply"
        ),
        environment.as_str(),
        &deployed.rights(Does::Apply),
    )
}

fn pull_request_role(
    stack: &mut Stack,
    deployed: &Deployed,
    github: &Handle<GitHub>,
) -> PullRequestRole {
    stack.module(DELIVERY_ROLES).pull_request_role(
        resource!(
            /// reads what is deployed, and the state.
            "github_plan"
        ),
        deployed.environment.as_str(),
        deployed.environment.config().account,
        github,
        DELIVERY.repository,
        deployed.rights(Does::Plan),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use infra_core::check;

    /// The root of an account without GitHub's identity provider declares it as removed, however many environments share
    /// the account.
    #[test]
    fn what_is_removed_is_not_still_there() {
        fn check(environments: &[Environment], is_removed: bool) {
            let account = Environment::Prod.config().account;
            let root = bootstrap(account, DELIVERY.region, environments.to_vec());
            let provider = ACCOUNT.at("aws_iam_openid_connect_provider.github");
            assert_eq!(root.stack.removals().iter().any(|it| it.at == provider), is_removed);
            let mut found = check::stack(&root.stack);
            found.retain(|it| it.rule == "ledger/removed-still-there");
            assert!(found.is_empty(), "{environments:?}: {found:?}");
        }
        check(&[Environment::Prod], true);
        check(&[Environment::Dev, Environment::Prod], false);
        check(&[Environment::Prod, Environment::Staging], false);
        check(&[Environment::Staging], false);
    }
}
