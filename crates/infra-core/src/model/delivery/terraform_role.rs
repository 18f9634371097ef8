//! Roles that builds of another account assume, for a task on a root of this account.

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

/// A role of an account. Other roots know it by its name. Only adding a role to a stack creates this.
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

    /// The build that may assume it.
    pub(in crate::model) fn taker(&self) -> &Taker {
        &self.taker
    }
}

/// A build of the pipeline's account, which assumes a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taker {
    account: AccountId,
    role: String,
}

impl Taker {
    /// The project `name` of the root with this prefix. Adding that project checks that it assumes this role.
    pub fn project(account: AccountId, prefix: &str, name: &str) -> Self {
        Taker { account, role: format!("{prefix}-{}", name.replace('_', "-")) }
    }

    pub(in crate::model) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:role/{}", self.account.as_str(), self.role)
    }
}

impl Module<'_> {
    /// Adds a role that `taker` assumes for one task on a root. The root's name is appended to its name: `plan` and
    /// `dev` become `plan_dev`. A role that creates roles has a boundary.
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
    /// The name of the task in names of resources.
    pub const fn as_str(self) -> &'static str {
        match self {
            Does::Plan => "plan",
            Does::Apply => "apply",
            Does::Smoke => "smoke",
        }
    }
}
