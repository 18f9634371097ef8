//! Roles that builds of another account take on, to do something with a root of this one.

use super::{
    boundary::BoundaryPolicy,
    rights::{Does, Rights},
};
use crate::model::{
    name::Id,
    place::AccountId,
    role::Trust,
    stack::{Handle, Module},
};

/// A role of an account, known to other roots by its name. Only adding one to a stack makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerraformRole {
    account: AccountId,
    name: String,
    taker: Taker,
}

impl TerraformRole {
    /// Its ARN.
    pub(in crate::model) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account.as_str(), self.name)
    }

    /// Who may take it on.
    pub(in crate::model) fn taker(&self) -> &Taker {
        &self.taker
    }
}

/// Who takes a role on: the build `name` of the pipeline's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taker {
    account: AccountId,
    role: String,
}

impl Taker {
    /// The project `name` of the root that is called `prefix`. Whether there is one, and whether it
    /// takes this role and no other, is checked where that project is added.
    pub fn project(account: AccountId, prefix: &str, name: &str) -> Self {
        Taker { account, role: format!("{prefix}-{}", name.replace('_', "-")) }
    }

    pub(in crate::model) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account.as_str(), self.role)
    }
}

impl Module<'_> {
    /// Adds a role by which `taker` may do something with a root, and nothing else. What it is for
    /// stands behind its name: `plan` and `dev` make `plan_dev`. A role that makes roles has a boundary.
    #[track_caller]
    pub fn terraform_role(
        &mut self,
        id: Id,
        what_for: &str,
        account: AccountId,
        taker: Taker,
        rights: Rights,
        boundary: Option<&Handle<BoundaryPolicy>>,
    ) -> TerraformRole {
        let name = format!("{}_{what_for}", id.name());
        let trust = Trust::Role { account: taker.account.as_str(), arn: taker.arn() };
        let does = id.doc();
        let does = does.trim_end_matches('.');
        let doc = format!("the pipeline in {what_for}, which {does}");
        let boundary = boundary.map(|it| it.attribute("arn"));
        let role = self.trusted_role(&name, trust, boundary, &doc);
        self.give(&role, rights);
        TerraformRole { account, name: self.aws_name(&name), taker }
    }

    pub(in crate::model) fn give(
        &mut self,
        role: &Handle<crate::model::role::RoleKind>,
        rights: Rights,
    ) {
        self.stack.allow(role.address(), rights.statements);
        rights.violations.into_iter().for_each(|it| self.stack.violate(it));
    }
}

impl Does {
    /// As it is written in names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Does::Plan => "plan",
            Does::Apply => "apply",
            Does::Smoke => "smoke",
        }
    }
}
