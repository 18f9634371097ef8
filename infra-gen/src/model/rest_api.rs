//! REST APIs on API Gateway: routes to functions, models, CORS, throttling, logs.
//!
//! One call adds all of it, since a deployment is a snapshot: it must know everything that is part
//! of the API, and be made anew when any of it changes.

mod account;
mod callers;
mod concurrency;
mod edge;
mod origin;
mod route;
mod stage;

use std::collections::BTreeSet;

pub use callers::Callers;
pub(in crate::model) use edge::for_browsers;
pub use origin::Origin;
pub(in crate::model) use route::LargestBody;
use route::methods;
pub use route::{HttpMethod, Route, RoutePath, route};

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

/// What a handle of an API knows.
pub struct RestApiFacts {
    stage: Address,
    settings: Address,
    rate: RateLimit,
    burst: BurstLimit,
    /// How many methods its paths have, preflights included.
    methods: u32,
    origin: Origin,
    largest_body: Option<LargestBody>,
    key: Option<Ref<Secret>>,
}

impl Handle<RestApi> {
    pub(in crate::model) fn stage(&self, name: &'static str) -> Term {
        attribute(&self.facts().stage, "stage", name)
    }

    /// Where the stage lives.
    pub fn stage_address(&self) -> &Address {
        &self.facts().stage
    }

    /// Where the settings of all routes live.
    pub fn settings_address(&self) -> &Address {
        &self.facts().settings
    }

    /// How many requests it takes with one key in so many seconds at most: the limits of a usage plan hold for all methods
    /// together.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
    pub(in crate::model) fn requests_of_a_key_in(&self, seconds: u32) -> u32 {
        let RestApiFacts { rate, burst, .. } = self.facts();
        rate.get().saturating_mul(seconds).saturating_add(burst.get())
    }

    /// How many requests its stage takes in so many seconds at most: the limits of a stage hold for each method by itself.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
    pub(in crate::model) fn requests_in(&self, seconds: u32) -> u32 {
        self.requests_of_a_key_in(seconds).saturating_mul(self.facts().methods)
    }

    /// The key that callers send, where the API asks for one.
    pub fn key(&self) -> Option<&Ref<Secret>> {
        self.facts().key.as_ref()
    }

    /// The longest body that a route takes; `None` where none takes any.
    pub(in crate::model) fn largest_body(&self) -> Option<&LargestBody> {
        self.facts().largest_body.as_ref()
    }

    pub(in crate::model) fn origin(&self) -> Origin {
        self.facts().origin
    }

    /// The URL in front of every route.
    pub fn url(&self) -> Ref<Url> {
        Ref::new(self.stage("invoke_url"))
    }
}

/// An API.
pub struct RestApiSpec {
    /// The stage's name, which is the first part of every path.
    pub stage: &'static str,
    /// What leads where.
    pub routes: Vec<Route>,
    /// Who may call.
    pub callers: Callers,
    /// From where browsers may call.
    pub origin: Origin,
    /// Requests a second, in the long run: with one key, and for each method by itself.
    pub rate: RateLimit,
    /// Requests at once, likewise.
    pub burst: BurstLimit,
    /// How long the access log is kept.
    pub log_retention: LogRetention,
}

/// What the parts of one API share while it is added.
struct Parts {
    name: &'static str,
    api: Handle<RestApi>,
    /// The API's id, which nearly every part has.
    id: Term,
    /// Everything that a deployment must wait for, and be made anew for.
    deployed: BTreeSet<Address>,
}

impl Parts {
    fn id(&self) -> Body {
        self.id.clone().into()
    }
}

impl Module<'_> {
    /// Adds an API with everything that belongs to it.
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
            key: None,
        };
        let api: Handle<RestApi> = self.add_derived(name, id.doc(), facts, body, meta);
        let id = api.attribute("id");
        let mut parts = Parts { name, api, id, deployed: BTreeSet::new() };
        let mut spec = spec;
        let routes = std::mem::take(&mut spec.routes);
        self.add_routes(&mut parts, &spec, routes);
        self.add_gateway_responses(&mut parts, spec.origin, spec.callers);
        self.add_stage(&parts, spec.stage, spec.rate, spec.burst, spec.log_retention);
        let key = self.add_key(&parts.api, name, &spec);
        let facts = parts.api.facts();
        let (stage, settings) = (facts.stage.clone(), facts.settings.clone());
        let facts =
            RestApiFacts { stage, settings, rate, burst, methods, origin, largest_body, key };
        Handle::new(parts.api.address().clone(), facts)
    }

    /// Adds a part of the API that a deployment is made of.
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
