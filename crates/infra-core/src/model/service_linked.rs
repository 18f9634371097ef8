//! Service-linked roles. A service creates its own role at its first use, in the caller's name. The roles that deploy
//! may not create such roles, so the account's root creates them first.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>

use super::{
    expr::Body,
    name::Id,
    stack::{Meta, Module, Stack},
};

/// A role that AWS defines, and that one service assumes. An account has each of them once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceLinkedRole {
    /// The role of API Gateway, for stages with tracing.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enabling-xray.html>
    ApiGateway,
    /// The role of WAF, for its logs. WAF requires it for every log destination, although only Firehose needs it.
    /// <https://docs.aws.amazon.com/waf/latest/developerguide/using-service-linked-roles.html>
    Firewall,
    /// The role of notification rules for pipelines.
    /// <https://docs.aws.amazon.com/dtconsole/latest/userguide/using-service-linked-roles.html>
    Notifications,
}

impl ServiceLinkedRole {
    /// All service-linked roles.
    pub const ALL: [ServiceLinkedRole; 3] = [
        ServiceLinkedRole::ApiGateway,
        ServiceLinkedRole::Firewall,
        ServiceLinkedRole::Notifications,
    ];

    /// The service that assumes it.
    pub const fn service(self) -> &'static str {
        match self {
            ServiceLinkedRole::ApiGateway => "ops.apigateway.amazonaws.com",
            ServiceLinkedRole::Firewall => "wafv2.amazonaws.com",
            ServiceLinkedRole::Notifications => "codestar-notifications.amazonaws.com",
        }
    }

    /// Its name, which AWS defines.
    pub const fn name(self) -> &'static str {
        match self {
            ServiceLinkedRole::ApiGateway => "AWSServiceRoleForAPIGateway",
            ServiceLinkedRole::Firewall => "AWSServiceRoleForWAFV2Logging",
            ServiceLinkedRole::Notifications => "AWSServiceRoleForCodeStarNotifications",
        }
    }

    /// Whether a root has a resource for which the service assumes the role.
    pub fn is_used_by(self, root: &Stack) -> bool {
        let tf_type = match self {
            ServiceLinkedRole::ApiGateway => "aws_api_gateway_stage",
            ServiceLinkedRole::Firewall => "aws_wafv2_web_acl_logging_configuration",
            ServiceLinkedRole::Notifications => "aws_codestarnotifications_notification_rule",
        };
        root.nodes().any(|it| it.address.tf_type() == tf_type)
    }

    /// Its ARN in an account, which is its import id in Terraform.
    pub fn arn(self, account: &str) -> String {
        format!("arn:aws:iam::{account}:role/aws-service-role/{}/{}", self.service(), self.name())
    }
}

impl Module<'_> {
    /// Adds a service-linked role.
    #[track_caller]
    pub fn service_linked_role(&mut self, id: Id, role: ServiceLinkedRole) {
        let name = self.enter(id);
        let body = Body::map([("aws_service_name", role.service().into())]);
        self.push("aws_iam_service_linked_role", name, id.doc(), body, Meta::default());
    }
}
