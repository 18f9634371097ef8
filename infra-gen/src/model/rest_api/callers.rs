//! Who may call an API.

use super::{Module, RestApiSpec};
use crate::model::{
    expr::{Body, Ref, Secret},
    limits::DailyQuota,
    stack::{Handle, Meta, attribute},
};

/// Who may call an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Everybody.
    Anyone,
    /// Who sends a key in `x-api-key`, and so often a day. A key says who calls, so that one caller
    /// can be limited or shut out; it is no proof of it.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>
    WithKey {
        /// Requests a day.
        daily: DailyQuota,
    },
    /// Roles that IAM lets, by requests that they sign.
    Signed,
}

impl Callers {
    /// API Gateway's name for it.
    pub(super) const fn authorization(self) -> &'static str {
        match self {
            Callers::Anyone | Callers::WithKey { .. } => "NONE",
            Callers::Signed => "AWS_IAM",
        }
    }

    pub(super) const fn asks_for_a_key(self) -> bool {
        matches!(self, Callers::WithKey { .. })
    }

    /// Headers that a browser must be let send.
    pub(super) const fn headers(self) -> &'static str {
        match self {
            Callers::Anyone => "Content-Type,Idempotency-Key",
            Callers::WithKey { .. } => "Content-Type,Idempotency-Key,X-Api-Key",
            Callers::Signed => {
                "Authorization,Content-Type,Idempotency-Key,X-Amz-Date,X-Amz-Security-Token"
            }
        }
    }
}

impl Module<'_> {
    /// A key with its plan, where the API asks for one. AWS draws the key.
    #[track_caller]
    pub(super) fn add_key(
        &mut self,
        api: &Handle<super::RestApi>,
        name: &str,
        spec: &RestApiSpec,
    ) -> Option<Ref<Secret>> {
        let Callers::WithKey { daily } = spec.callers else { return None };
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("description", "Belongs to the operator of the system.".into()),
        ]);
        let doc = "The key of the operator of the system. AWS draws it.";
        let key = self.push("aws_api_gateway_api_key", name, doc, body, Meta::default());

        let stage = Body::map([
            ("api_id", api.attribute("id").into()),
            ("stage", api.stage("stage_name").into()),
        ]);
        let throttle =
            Body::map([("rate_limit", spec.rate.into()), ("burst_limit", spec.burst.into())]);
        let quota = Body::map([("limit", daily.into()), ("period", "DAY".into())]);
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("description", "How much one key may ask for.".into()),
            ("api_stages", Body::List(vec![stage])),
            ("throttle_settings", Body::List(vec![throttle])),
            ("quota_settings", Body::List(vec![quota])),
        ]);
        let doc = "How much one key may ask for, in the long run, at once, and in a day.";
        let plan = self.push("aws_api_gateway_usage_plan", name, doc, body, Meta::default());

        let body = Body::map([
            ("key_id", attribute(&key, "key", "id").into()),
            ("key_type", "API_KEY".into()),
            ("usage_plan_id", attribute(&plan, "plan", "id").into()),
        ]);
        let doc = "Puts the key under the plan.";
        self.push("aws_api_gateway_usage_plan_key", name, doc, body, Meta::default());
        Some(Ref::new(attribute(&key, "key", "value")))
    }
}
