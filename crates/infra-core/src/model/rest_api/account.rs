//! The account's setting for API Gateway's logs.

use crate::model::{
    Id,
    expr::Body,
    role::Service,
    stack::{Meta, Module},
};

/// The managed policy of AWS for this purpose.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html>
const POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";

impl Module<'_> {
    /// Allows API Gateway to write logs in this account and region.
    #[track_caller]
    pub fn api_gateway_account(&mut self, id: Id) {
        let name = self.enter(id);
        let role = self.role(name, Service::ApiGateway, "API Gateway for its logs");
        let body =
            Body::map([("role", role.attribute("name").into()), ("policy_arn", POLICY.into())]);
        let doc = "Gives API Gateway the rights that AWS keeps for its logs.";
        let rights = self.push("aws_iam_role_policy_attachment", name, doc, body, Meta::default());
        let body = Body::map([("cloudwatch_role_arn", role.attribute("arn").into())]);
        let meta = Meta { depends_on: [rights].into(), ..Meta::default() };
        self.push("aws_api_gateway_account", name, id.doc(), body, meta);
    }
}
