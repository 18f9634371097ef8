//! The allowed callers of an API.

use super::{Module, RestApiSpec};
use crate::model::{
    expr::{Body, Ref, Secret},
    limits::DailyQuota,
    stack::{Handle, Meta, attribute},
};

/// The allowed callers of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Everybody.
    Anyone,
    /// Callers with a key in `x-api-key`, up to a number of requests a day. A key identifies a caller, so that the
    /// caller can be limited or blocked. It does not authenticate the caller.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>
    WithKey {
        /// Requests a day.
        daily: DailyQuota,
    },
    /// Principals with a permission in IAM, who sign their requests.
    Signed,
}

impl Callers {
    /// The value of a method's `authorization`.
    pub(super) const fn authorization(self) -> &'static str {
        match self {
            Callers::Anyone | Callers::WithKey { .. } => "NONE",
            Callers::Signed => "AWS_IAM",
        }
    }

    pub(super) const fn asks_for_a_key(self) -> bool {
        matches!(self, Callers::WithKey { .. })
    }

    /// The headers that authenticate or identify a caller, in the case of the preflight's answer.
    pub(super) const fn headers(self) -> &'static [&'static str] {
        match self {
            Callers::Anyone => &[],
            Callers::WithKey { .. } => &["X-Api-Key"],
            Callers::Signed => &["Authorization", "X-Amz-Date", "X-Amz-Security-Token"],
        }
    }
}

impl Module<'_> {
    /// Adds a key with its usage plan, if the API requires one. AWS generates the key.
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
