//! Routes: from the contract of an API, and the function that gets the proxy event.

use std::collections::{BTreeMap, BTreeSet};

use function_contract::{
    Contract,
    api::{Api, BodyShape, RoutePath, RouteShape, Segment},
    event::{ApiRequest, ApiResponse},
    kind::Function,
};

use super::{Callers, Module, Parts, RestApiSpec};
use crate::{
    model::{
        expr::{Address, Body, Term},
        function::{Callee, Caller},
        limits::{FunctionTimeout, ReservedConcurrency},
        schema::Draft04,
        stack::{Handle, attribute},
    },
    violation::Violation,
};

/// A route.
pub struct Route {
    pub(super) shape: RouteShape,
    /// The version of the API's contract.
    pub(super) version: &'static str,
    model: Option<Model>,
    /// The function's alias, without the type of its contract.
    invoke_arn: Term,
    callee: Callee,
    pub(super) function: Address,
    /// The reserved concurrency of the function.
    pub(super) reserved: Option<ReservedConcurrency>,
    /// The time after which Lambda ends the function.
    pub(super) timeout: FunctionTimeout,
    violations: Vec<Violation>,
}

struct Model {
    name: String,
    schema: Draft04,
    largest: LargestBody,
}

/// The longest body that a route accepts, and the message of the response 413.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::model) struct LargestBody {
    pub(in crate::model) bytes: usize,
    pub(in crate::model) message: String,
}

/// API Gateway times out an integration after 29 seconds.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub(in crate::model) const INTEGRATION_TIMEOUT: u16 = 29;

/// The routes of an API, each to the function that takes the requests of this API.
pub fn routes<C, A>(function: &Handle<Function<C>>) -> Vec<Route>
where
    A: Api,
    C: Contract<Input = ApiRequest<A>, Output = ApiResponse>,
{
    let timeout = function.facts().timeout.get();
    let outlasts = (timeout >= INTEGRATION_TIMEOUT).then(|| {
        Violation::new(
            "limit/integration-timeout",
            function.address().to_string(),
            format!(
                "API Gateway times out after {INTEGRATION_TIMEOUT} s, but the function may run for {timeout} s"
            ),
            format!("lower the timeout of the function below {INTEGRATION_TIMEOUT} s"),
        )
    });
    let route = |shape: RouteShape| {
        let mut violations: Vec<_> = outlasts.clone().into_iter().collect();
        let model = shape.body.as_ref().map(Model::of);
        let model = model.and_then(|it| it.map_err(|broken| violations.push(broken)).ok());
        Route {
            shape,
            version: A::VERSION,
            model,
            invoke_arn: function.alias("invoke_arn"),
            callee: Callee::of(function),
            function: function.address().clone(),
            reserved: function.facts().reserved,
            timeout: function.facts().timeout,
            violations,
        }
    };
    A::routes().into_iter().map(route).collect()
}

impl Model {
    /// Describes a body for exports and SDKs of the API. API Gateway does not validate the body with it, because its
    /// error response has only one problem, in the words of a library, and repeats the input. The function reports all
    /// problems.
    fn of(body: &BodyShape) -> Result<Self, Violation> {
        let name = body.name.clone().into_owned();
        let largest = LargestBody { bytes: body.largest_bytes, message: body.too_large.clone() };
        match Draft04::from(body.document) {
            Ok(schema) => Ok(Model { name, schema, largest }),
            Err(keywords) => Err(Violation::new(
                "api/draft-04",
                format!("the model {name}"),
                format!("its JSON Schema uses {}, which draft-04 lacks", keywords.join(", ")),
                "describe the type with keywords of draft-04, the draft that API Gateway supports",
            )),
        }
    }
}

/// The number of methods of these routes, including a preflight method for each path.
pub(super) fn methods(routes: &[Route]) -> u32 {
    let paths: BTreeSet<RoutePath> = routes.iter().map(|it| it.shape.path).collect();
    // An API has far fewer routes than a `u32` can count.
    u32::try_from(routes.len() + paths.len()).unwrap_or(u32::MAX)
}

impl Route {
    /// The longest body that it accepts. `None` if it accepts no body.
    pub(super) fn largest_body(&self) -> Option<&LargestBody> {
        self.model.as_ref().map(|it| &it.largest)
    }
}

impl Module<'_> {
    #[track_caller]
    pub(super) fn add_routes(&mut self, parts: &mut Parts, spec: &RestApiSpec, routes: Vec<Route>) {
        let (stage, callers) = (spec.stage, spec.callers);
        let mut resources = BTreeMap::new();
        let mut methods: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
        let validator = self.validator(parts);
        let allowed_headers = allowed_headers(&routes, callers);
        for route in routes {
            for violation in route.violations {
                self.stack.violate(violation);
            }
            let (resource, place) = self.resource(parts, &mut resources, route.shape.path);
            let method = route.shape.method.as_str();
            methods.entry(place.clone()).or_default().insert(method);
            let name = format!("{}_{place}", method.to_lowercase());
            let what = format!("{method} {}", route.shape.path);

            let mut model = None;
            if let Some(it) = route.model {
                model = Some(self.model(parts, it));
            }
            let parameters = route.shape.parameters.iter();
            let parameters: Vec<_> = parameters
                .map(|it| (format!("method.request.path.{}", it.name), Body::from(true)))
                .collect();
            let body = Body::map([
                ("resource_id", resource.clone().into()),
                ("http_method", method.into()),
                ("authorization", callers.authorization().into()),
                ("request_validator_id", validator.clone().into()),
            ])
            .with("api_key_required", callers.asks_for_a_key().then_some(true))
            .with(
                "request_models",
                model.as_ref().map(|it| Body::map([("application/json", it.clone().into())])),
            )
            .with("request_parameters", (!parameters.is_empty()).then(|| Body::map(parameters)));
            let doc = format!("{what}.");
            let at = self.part(parts, "aws_api_gateway_method", &name, doc, body);

            let body = Body::map([
                ("resource_id", resource.into()),
                ("http_method", attribute(&at, "method", "http_method").into()),
                ("type", "AWS_PROXY".into()),
                // Lambda is always invoked with POST, whatever the route's method.
                ("integration_http_method", "POST".into()),
                ("uri", route.invoke_arn.into()),
            ]);
            let doc = format!("Leads {what} to the function, by its alias.");
            self.part(parts, "aws_api_gateway_integration", &name, doc, body);

            let here = Term::concat([
                parts.api.attribute("execution_arn"),
                Term::Text(format!("/{stage}/{method}{}", source_path(route.shape.path))),
            ]);
            let caller = Caller { principal: "apigateway.amazonaws.com", source_arn: here };
            let doc = format!("Lets {what} of this stage call the function, and nothing else.");
            self.permit(&name, doc, route.callee, caller);
        }
        for (place, methods) in methods {
            let resource = resources[&place].clone();
            let with = (spec, &validator);
            self.add_preflight(parts, &place, resource, &methods, &allowed_headers, with);
        }
    }

    /// The resource of a path. Adds it, and the resources of its parent paths, if they do not exist yet.
    #[track_caller]
    fn resource(
        &mut self,
        parts: &mut Parts,
        known: &mut BTreeMap<String, Term>,
        path: RoutePath,
    ) -> (Term, String) {
        let mut parent = parts.api.attribute("root_resource_id");
        let (mut place, mut so_far) = (String::new(), String::new());
        for segment in path.segments() {
            so_far = format!("{so_far}/{segment}");
            let (Segment::Fixed(word) | Segment::Parameter(word)) = segment;
            let word = word.to_lowercase().replace(['-', '.'], "_");
            place = if place.is_empty() { word } else { format!("{place}_{word}") };
            parent = match known.get(&place) {
                Some(there) => there.clone(),
                None => {
                    let body = Body::map([
                        ("parent_id", parent.into()),
                        ("path_part", segment.to_string().into()),
                    ]);
                    let doc = format!("The path {so_far}.");
                    let at = self.part(parts, "aws_api_gateway_resource", &place, doc, body);
                    let id = attribute(&at, "resource", "id");
                    known.insert(place.clone(), id.clone());
                    id
                }
            };
        }
        (parent, place)
    }

    #[track_caller]
    fn validator(&mut self, parts: &mut Parts) -> Term {
        let body = Body::map([
            ("name", "parameters".into()),
            ("validate_request_body", false.into()),
            ("validate_request_parameters", true.into()),
        ]);
        let doc = "Answers 400 where a request lacks a parameter of its route.".to_owned();
        let at = self.part(parts, "aws_api_gateway_request_validator", parts.name, doc, body);
        attribute(&at, "validator", "id")
    }

    #[track_caller]
    fn model(&mut self, parts: &mut Parts, model: Model) -> Term {
        let name = snake_case(&model.name);
        let body = Body::map([
            ("name", model.name.clone().into()),
            ("description", format!("The shape of {}, from the Rust type.", model.name).into()),
            ("content_type", "application/json".into()),
            ("schema", Body::from(model.schema.as_value().clone()).json()),
        ]);
        let doc = format!("The JSON Schema (draft-04) of {}.", model.name);
        let at: Address = self.part(parts, "aws_api_gateway_model", &name, doc, body);
        attribute(&at, "model", "name")
    }
}

/// The headers that a browser may send to the routes.
fn allowed_headers(routes: &[Route], callers: Callers) -> String {
    let of_routes = routes.iter().flat_map(|it| it.shape.headers.iter().map(|it| it.name));
    let of_bodies = routes.iter().filter(|it| it.shape.body.is_some()).map(|_| "Content-Type");
    let of_callers = callers.headers().iter().copied();
    let all: BTreeSet<&str> = of_routes.chain(of_bodies).chain(of_callers).collect();
    Vec::from_iter(all).join(",")
}

/// The path in a source ARN, where each parameter is a `*`.
fn source_path(path: RoutePath) -> String {
    let of = |it: &Segment| match it {
        Segment::Fixed(text) => format!("/{text}"),
        Segment::Parameter(_) => "/*".to_owned(),
    };
    path.segments().iter().map(of).collect()
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use function_contract::{payload, read::RequestBody, request_body, written::WrittenText};
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::*;

    payload! {
        /// A body that draft-04 can describe.
        pub struct Letter, at LetterAt {
            /// Its text.
            text: WrittenText,
        }
    }
    request_body!(Letter, at most 2_048 bytes: text);

    /// A type that draft-04 cannot describe.
    struct Conditional;

    impl JsonSchema for Conditional {
        fn schema_name() -> Cow<'static, str> {
            "Conditional".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({ "if": { "type": "string" }, "contains": {} })
        }
    }

    impl RequestBody for Conditional {
        const MOST_BYTES: usize = 1;
        const LARGEST_BYTES: usize = 1;
        const NAMES: &'static [&'static str] = &[];

        fn __read(_: &mut function_contract::read::Fields<'_>) -> Option<Self> {
            None
        }
    }

    #[test]
    fn a_body_that_draft_04_cannot_describe_is_refused() {
        assert!(Model::of(&BodyShape::of::<Letter>()).is_ok());
        let Err(broken) = Model::of(&BodyShape::of::<Conditional>()) else { panic!("accepted") };
        assert_eq!(broken.rule, "api/draft-04");
        assert!(broken.problem.contains("contains, if"), "{}", broken.problem);
    }
}
