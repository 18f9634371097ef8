//! REST APIs on API Gateway: routes to functions, models, CORS, throttling, logs.
//!
//! One call adds the whole API, because a deployment is a snapshot: it must depend on all parts of the API, and be
//! replaced when any of them changes.

mod account;
mod callers;
mod concurrency;
mod described;
mod edge;
mod origin;
mod route;
mod stage;

use std::{collections::BTreeSet, time::Duration};

pub use callers::Callers;
pub(crate) use described::DescribedApi;
pub(in crate::model) use edge::for_browsers;
pub use origin::Origin;
use route::methods;
pub(in crate::model) use route::{INTEGRATION_TIMEOUT, LargestBody};
pub use route::{Route, routes};

use super::{
    expr::{Address, Body, Ref, Secret, Term, Url},
    limits::{BurstLimit, LogRetention, RateLimit},
    name::Id,
    stack::{Handle, Kind, Meta, Module, attribute},
};

/// A REST API with one stage.
pub enum RestApi {}

impl Kind for RestApi {
    const TF_TYPE: &'static str = "aws_api_gateway_rest_api";
    const LABEL: &'static str = "api";
    type Facts = RestApiFacts;
}

/// The facts that a handle of an API has.
pub struct RestApiFacts {
    stage: Address,
    settings: Address,
    rate: RateLimit,
    burst: BurstLimit,
    /// The number of methods, including preflight methods.
    methods: u32,
    origin: Origin,
    largest_body: Option<LargestBody>,
    /// How long an answer may be delayed by design.
    waits: Duration,
    key: Option<Ref<Secret>>,
}

impl Handle<RestApi> {
    pub(in crate::model) fn stage(&self, name: &'static str) -> Term {
        attribute(&self.facts().stage, "stage", name)
    }

    /// The address of the stage.
    pub fn stage_address(&self) -> &Address {
        &self.facts().stage
    }

    /// The address of the method settings.
    pub fn settings_address(&self) -> &Address {
        &self.facts().settings
    }

    /// The most requests that it accepts with one key in a number of seconds. The limits of a usage plan apply to all
    /// methods together.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
    pub(in crate::model) fn requests_of_a_key_in(&self, seconds: u32) -> u32 {
        let RestApiFacts { rate, burst, .. } = self.facts();
        rate.get().saturating_mul(seconds).saturating_add(burst.get())
    }

    /// The most requests that its stage accepts in a number of seconds. The limits of a stage apply to each method
    /// separately.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
    pub(in crate::model) fn requests_in(&self, seconds: u32) -> u32 {
        self.requests_of_a_key_in(seconds).saturating_mul(self.facts().methods)
    }

    /// The key that callers send, if the API requires one.
    pub fn key(&self) -> Option<&Ref<Secret>> {
        self.facts().key.as_ref()
    }

    /// The longest body that a route accepts. `None` if no route accepts a body.
    pub(in crate::model) fn largest_body(&self) -> Option<&LargestBody> {
        self.facts().largest_body.as_ref()
    }

    /// How long an answer may be delayed by design.
    pub(in crate::model) fn longest_wait(&self) -> Duration {
        self.facts().waits
    }

    pub(in crate::model) fn origin(&self) -> Origin {
        self.facts().origin
    }

    /// The URL to which the paths of routes are appended.
    pub fn url(&self) -> Ref<Url> {
        Ref::new(self.stage("invoke_url"))
    }
}

/// The configuration of an API.
pub struct RestApiSpec {
    /// The stage's name, which is the first part of every path.
    pub stage: &'static str,
    /// The routes: see [`routes`].
    pub routes: Vec<Route>,
    /// The allowed callers.
    pub callers: Callers,
    /// The origin that browsers may call from.
    pub origin: Origin,
    /// The rate limit, which applies to each key, and to each method separately.
    pub rate: RateLimit,
    /// The burst limit, which applies in the same way.
    pub burst: BurstLimit,
    /// How long the access log is kept.
    pub log_retention: LogRetention,
}

/// The values that the parts of an API share while it is added.
struct Parts {
    name: &'static str,
    api: Handle<RestApi>,
    /// The API's id, which nearly every part needs.
    id: Term,
    /// Every part that the deployment depends on, and whose change replaces it.
    deployed: BTreeSet<Address>,
}

impl Parts {
    fn id(&self) -> Body {
        self.id.clone().into()
    }
}

impl Module<'_> {
    /// Adds an API with its routes, stage, logs and limits.
    #[track_caller]
    pub fn rest_api(&mut self, id: Id, spec: RestApiSpec) -> Handle<RestApi> {
        let name = self.enter(id);
        let body = Body::map([
            ("name", self.aws_name(name).into()),
            ("description", id.doc().into()),
            (
                "endpoint_configuration",
                Body::List(vec![Body::map([("types", Body::list(["REGIONAL"]))])]),
            ),
        ]);
        let stage = self.address("aws_api_gateway_stage", name);
        let meta = Meta { create_before_destroy: true, ..Meta::default() };
        let settings = self.address("aws_api_gateway_method_settings", name);
        let (rate, burst, origin) = (spec.rate, spec.burst, spec.origin);
        let largest_body = spec.routes.iter().filter_map(Route::largest_body).max().cloned();
        let waits = spec.routes.iter().map(|it| it.shape.waits).max().unwrap_or_default();
        let methods = methods(&spec.routes);
        for violation in concurrency::check(&spec) {
            self.stack.violate(violation);
        }
        let facts = RestApiFacts {
            stage,
            settings,
            rate,
            burst,
            methods,
            origin,
            largest_body: largest_body.clone(),
            waits,
            key: None,
        };
        let api: Handle<RestApi> = self.add_derived(name, id.doc(), facts, body, meta);
        let (doc, id) = (id.doc(), api.attribute("id"));
        let mut parts = Parts { name, api, id, deployed: BTreeSet::new() };
        let mut spec = spec;
        let routes = std::mem::take(&mut spec.routes);
        let described = DescribedApi {
            address: parts.api.address().clone(),
            title: self.aws_name(name),
            doc,
            version: routes.first().map_or("0", |it| it.version),
            stage: spec.stage,
            region: self.stack.scope().region.as_str(),
            callers: spec.callers,
            has_firewall: false,
            routes: routes.iter().map(|it| it.shape.clone()).collect(),
        };
        self.stack.apis.push(described);
        self.add_routes(&mut parts, &spec, routes);
        self.add_gateway_responses(&mut parts, spec.origin, spec.callers);
        self.add_stage(&parts, spec.stage, spec.rate, spec.burst, spec.log_retention);
        let key = self.add_key(&parts.api, name, &spec);
        let facts = parts.api.facts();
        let (stage, settings) = (facts.stage.clone(), facts.settings.clone());
        let facts = RestApiFacts {
            stage,
            settings,
            rate,
            burst,
            methods,
            origin,
            largest_body,
            waits,
            key,
        };
        Handle::new(parts.api.address().clone(), facts)
    }

    /// Adds a part of the API that belongs to the deployment.
    #[track_caller]
    fn part(
        &mut self,
        parts: &mut Parts,
        tf_type: &'static str,
        name: &str,
        doc: String,
        body: Body,
    ) -> Address {
        let address = self.push(
            tf_type,
            name,
            doc,
            body.with("rest_api_id", Some(parts.id())),
            Meta::default(),
        );
        parts.deployed.insert(address.clone());
        address
    }
}
