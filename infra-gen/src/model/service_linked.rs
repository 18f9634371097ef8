//! Service-linked roles. A service makes its own the first time that somebody uses it, in that somebody's name; who
//! deploys may not make roles of that kind, so the account's root makes them first.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html>

use super::{
    expr::Body,
    name::Id,
    stack::{Meta, Module, Stack},
};

/// A role that AWS defines and one service takes on. An account has each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceLinkedRole {
    /// API Gateway's: for stages with tracing.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enabling-xray.html>
    ApiGateway,
    /// The firewall's: for its logs. WAF asks for it wherever logs go, though only Firehose needs it.
    /// <https://docs.aws.amazon.com/waf/latest/developerguide/using-service-linked-roles.html>
    Firewall,
    /// That of notification rules about pipelines.
    /// <https://docs.aws.amazon.com/dtconsole/latest/userguide/using-service-linked-roles.html>
    Notifications,
}

impl ServiceLinkedRole {
    /// All of them.
    pub const ALL: [ServiceLinkedRole; 3] = [
        ServiceLinkedRole::ApiGateway,
        ServiceLinkedRole::Firewall,
        ServiceLinkedRole::Notifications,
    ];

    /// The service that takes it on.
    pub const fn service(self) -> &'static str {
        match self {
            ServiceLinkedRole::ApiGateway => "ops.apigateway.amazonaws.com",
            ServiceLinkedRole::Firewall => "wafv2.amazonaws.com",
            ServiceLinkedRole::Notifications => "codestar-notifications.amazonaws.com",
        }
    }

    /// The name that AWS gives it.
    pub const fn name(self) -> &'static str {
        match self {
            ServiceLinkedRole::ApiGateway => "AWSServiceRoleForAPIGateway",
            ServiceLinkedRole::Firewall => "AWSServiceRoleForWAFV2Logging",
            ServiceLinkedRole::Notifications => "AWSServiceRoleForCodeStarNotifications",
        }
    }

    /// Whether a root has something for which the service takes it on.
    pub fn is_used_by(self, root: &Stack) -> bool {
        let tf_type = match self {
            ServiceLinkedRole::ApiGateway => "aws_api_gateway_stage",
            ServiceLinkedRole::Firewall => "aws_wafv2_web_acl_logging_configuration",
            ServiceLinkedRole::Notifications => "aws_codestarnotifications_notification_rule",
        };
        root.nodes().any(|it| it.address.tf_type() == tf_type)
    }

    /// Its ARN in an account: Terraform imports it by that.
    pub fn arn(self, account: &str) -> String {
        format!("arn:aws:iam::{account}:role/aws-service-role/{}/{}", self.service(), self.name())
    }
}

impl Module<'_> {
    /// Makes a service-linked role.
    #[track_caller]
    pub fn service_linked_role(&mut self, id: Id, role: ServiceLinkedRole) {
        let name = self.enter(id);
        let body = Body::map([("aws_service_name", role.service().into())]);
        self.push("aws_iam_service_linked_role", name, id.doc(), body, Meta::default());
    }
}
