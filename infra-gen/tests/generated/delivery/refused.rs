//! Wirings of the delivery that are refused.

use infra_core::{
    model::{
        Stack,
        backend::Backend,
        bucket::{Artifacts, Expiry},
        delivery::{
            boundary::Boundary,
            build::{Commands, KeptFor, ProjectSpec, Size},
            rights::{Does, Rights},
            terraform_role::{Taker, TerraformRole},
        },
        function::Architecture,
        limits::{BuildTimeout, ObjectDays},
    },
    resource,
};
use infra_gen::{
    config::{AccountId, Environment, delivery::Repository},
    topology,
};

use crate::kit;

fn backend() -> Backend {
    Backend { bucket: "b".to_owned(), key: "k".to_owned(), region: "eu-west-1" }
}

/// A role for the build `plan` of the account that the kit is for.
fn role(stack: &mut Stack, taken_by: &str, on: &Stack) -> TerraformRole {
    let id = resource!(
        /// plans.
        "target"
    );
    let taker = Taker::project(kit::ACCOUNT, "dofs-test", taken_by);
    let rights = Rights::on(on, &backend(), Does::Plan);
    const OTHER: AccountId = AccountId::new("999999999999");
    stack.module(kit::A).terraform_role(id, "x", OTHER, taker, rights, None)
}

#[track_caller]
fn found(stack: Stack) -> Vec<(&'static str, String)> {
    kit::violations(&stack.finish()).into_iter().map(|it| (it.rule, it.address)).collect()
}

#[test]
fn a_type_without_known_rights_is_refused() {
    let mut unknown = kit::stack("dofs-other");
    unknown.module(kit::B).private_bucket::<Artifacts>(
        resource!(
            /// The list of rights has no entry for buckets.
            "files"
        ),
        "files",
        Expiry::OldVersions(ObjectDays::new(1)),
    );
    let mut stack = kit::stack("dofs-test");
    role(&mut stack, "plan", &unknown);
    let found = found(stack);
    assert!(found.contains(&("iam/no-deploy-rights", "module.b.aws_s3_bucket.files".to_owned())));
    assert!(found.iter().all(|(rule, _)| *rule == "iam/no-deploy-rights"), "{found:?}");
}

#[test]
fn who_may_make_roles_without_a_boundary_is_refused() {
    fn check(bounded: bool, expected: &[(&str, &str)]) {
        let mut root = kit::stack("dofs-other");
        if bounded {
            root.bound_roles(Boundary::new(kit::ACCOUNT, "dofs-boundary".to_owned()));
        }
        kit::validator(&mut root.module(kit::B), "n", kit::SHORT);
        let mut stack = kit::stack("dofs-test");
        let taker = Taker::project(kit::ACCOUNT, "dofs-test", "apply");
        let rights = Rights::on(&root, &backend(), Does::Apply);
        let id = resource!(
            /// applies.
            "target"
        );
        stack.module(kit::A).terraform_role(id, "x", kit::ACCOUNT, taker, rights, None);
        let found = found(stack);
        let found: Vec<_> = found.iter().map(|(rule, at)| (*rule, at.as_str())).collect();
        assert_eq!(found, expected);
    }
    check(true, &[]);
    check(false, &[("iam/no-boundary", "module.b.aws_iam_role.validator")]);
}

#[test]
fn a_right_outside_of_the_boundary_is_refused() {
    let mut stack = kit::stack("dofs-test");
    let boundary = Boundary::new(kit::ACCOUNT, "dofs-boundary".to_owned());
    let id = resource!(
        /// what its roles may at most do.
        "boundary"
    );
    // The pipeline starts builds, which no function does.
    stack.module(kit::A).boundary_of_roles(id, "x", &boundary, &topology::cicd());
    let found = found(stack);
    let pipeline = "module.cicd.data.aws_iam_policy_document.deploy".to_owned();
    assert!(found.iter().all(|(rule, _)| *rule == "iam/outside-boundary"), "{found:?}");
    assert!(found.iter().any(|(_, at)| *at == pipeline), "{found:?}");
}

#[test]
fn a_pull_request_gets_no_role_for_a_state_that_holds_a_secret() {
    let mut stack = kit::stack("dofs-test");
    let github = stack.module(kit::A).github(resource!(
        /// GitHub.
        "github"
    ));
    let prod = topology::dofs(Environment::Prod);
    let rights = Rights::on(&prod, &backend(), Does::Plan);
    stack.module(kit::A).pull_request_role(
        resource!(
            /// reads.
            "reads"
        ),
        "prod",
        kit::ACCOUNT,
        &github,
        Repository::new("a/b"),
        rights,
    );
    let role = "module.a.aws_iam_role.reads_prod".to_owned();
    assert_eq!(found(stack), [("delivery/secret-in-state", role)]);
}

#[test]
fn a_build_assumes_the_role_that_trusts_it() {
    fn check(taken_by: &str, expected: &[(&str, &str)]) {
        let mut stack = kit::stack("dofs-test");
        let role = role(&mut stack, taken_by, &kit::stack("dofs-other"));
        stack.module(kit::A).project(
            resource!(
                /// Plans.
                "plan"
            ),
            None,
            ProjectSpec {
                build_spec: Commands::OfSource("plan.yml"),
                architecture: Architecture::Arm64,
                size: Size::Small,
                timeout: BuildTimeout::new(5),
                log_retention: kit::WEEK,
                cache: KeptFor::ThisMachine,
                variables: &[],
                takes: Some(&role),
            },
        );
        let found = found(stack);
        let found: Vec<_> = found.iter().map(|(rule, at)| (*rule, at.as_str())).collect();
        assert_eq!(found, expected);
    }
    check("plan", &[]);
    check("apply", &[("delivery/trust", "module.a.aws_codebuild_project.plan")]);
}
