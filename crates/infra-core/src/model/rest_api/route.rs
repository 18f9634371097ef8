//! Routes: a method and a path, and the function that gets the proxy event.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use function_contract::{
    Contract,
    event::{ApiRequest, ApiResponse},
    kind::Function,
    read::RequestBody,
};
use schemars::JsonSchema;

use super::{Module, Parts, RestApiSpec};
use crate::{
    model::{
        expr::{Address, Body, Term},
        function::{Callee, Caller},
        limits::ReservedConcurrency,
        schema::Draft04,
        stack::{Handle, attribute},
    },
    violation::Violation,
};

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HttpMethod {
    /// Read.
    Get,
    /// Make.
    Post,
}

impl HttpMethod {
    const fn as_str(self) -> &'static str {
        match self {
            HttpMethod::Get => "GET",
            HttpMethod::Post => "POST",
        }
    }
}

/// A path with parameters: `/order/{orderId}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutePath(&'static str);

impl RoutePath {
    /// Use it in a `const` item, where a path that API Gateway refuses does not compile.
    ///
    /// # Panics
    ///
    /// If it does not begin with `/`, ends with one, or has an empty segment or other
    /// characters than letters, digits and `-._{}`.
    #[track_caller]
    pub const fn new(path: &'static str) -> Self {
        let bytes = path.as_bytes();
        assert!(bytes.len() > 1 && bytes[0] == b'/', "a route's path begins with / and a name");
        assert!(bytes[bytes.len() - 1] != b'/', "a route's path does not end with /");
        let mut i = 1;
        let mut open = false;
        while i < bytes.len() {
            let byte = bytes[i];
            assert!(
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'.' | b'_' | b'/' | b'{' | b'}'),
                "a route's path has only letters, digits and - . _ {{ }} /"
            );
            assert!(byte != b'/' || bytes[i - 1] != b'/', "a route's path has no empty segment");
            match byte {
                b'{' => {
                    assert!(
                        !open && bytes[i - 1] == b'/',
                        "a parameter is a whole segment: /{{name}}"
                    );
                    open = true;
                }
                b'}' => {
                    assert!(open && bytes[i - 1] != b'{', "a parameter has a name: /{{name}}");
                    assert!(
                        i + 1 == bytes.len() || bytes[i + 1] == b'/',
                        "a parameter is a whole segment: /{{name}}"
                    );
                    open = false;
                }
                _ => (),
            }
            i += 1;
        }
        assert!(!open, "a parameter is closed: /{{name}}");
        RoutePath(path)
    }

    fn segments(self) -> impl Iterator<Item = &'static str> {
        self.0.split('/').skip(1)
    }
}

/// A route.
pub struct Route {
    method: HttpMethod,
    path: RoutePath,
    model: Option<Model>,
    /// The function's alias, without the type of its contract.
    invoke_arn: Term,
    callee: Callee,
    pub(super) function: Address,
    /// The reserved concurrency of the function.
    pub(super) reserved: Option<ReservedConcurrency>,
    /// How long the function may delay its answer by design.
    pub(super) waits: Duration,
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

/// A route from a method and a path to a function.
pub fn route<C>(method: HttpMethod, path: RoutePath, function: &Handle<Function<C>>) -> Route
where
    C: Contract<Input = ApiRequest, Output = ApiResponse>,
{
    let mut violations = Vec::new();
    let timeout = function.facts().timeout.get();
    if timeout >= INTEGRATION_TIMEOUT {
        violations.push(Violation::new(
            "limit/integration-timeout",
            function.address().to_string(),
            format!(
                "API Gateway times out after {INTEGRATION_TIMEOUT} s, but the function may run for {timeout} s"
            ),
            format!("lower the timeout of the function below {INTEGRATION_TIMEOUT} s"),
        ));
    }
    Route {
        method,
        path,
        model: None,
        invoke_arn: function.alias("invoke_arn"),
        callee: Callee::of(function),
        function: function.address().clone(),
        reserved: function.facts().reserved,
        waits: Duration::ZERO,
        violations,
    }
}

impl Route {
    /// Declares that the function may delay its answer by design for this time, while it waits for another service.
    /// Each waiting request takes one of the function's reserved concurrent executions.
    pub fn waits(self, waits: Duration) -> Self {
        Route { waits, ..self }
    }

    /// Declares that the body is a `T`, the type that the function parses. The model describes it for exports and SDKs
    /// of the API. API Gateway does not validate the body with it, because its error response has only one problem, in
    /// the words of a library, and repeats the input. The function reports all problems.
    pub fn body<T: JsonSchema + RequestBody>(mut self) -> Self {
        let name = T::schema_name().into_owned();
        let largest = LargestBody { bytes: T::LARGEST_BYTES, message: T::too_large() };
        match Draft04::of::<T>() {
            Ok(schema) => self.model = Some(Model { name, schema, largest }),
            Err(keywords) => self.violations.push(Violation::new(
                "api/draft-04",
                format!("the model {name}"),
                format!("its JSON Schema uses {}, which draft-04 lacks", keywords.join(", ")),
                "describe the type with keywords of draft-04, the draft that API Gateway supports",
            )),
        }
        self
    }
}

/// The number of methods of these routes, including a preflight method for each path.
pub(super) fn methods(routes: &[Route]) -> u32 {
    let paths: BTreeSet<RoutePath> = routes.iter().map(|it| it.path).collect();
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
        for route in routes {
            for violation in route.violations {
                self.stack.violate(violation);
            }
            let (resource, place) = self.resource(parts, &mut resources, route.path);
            let method = route.method.as_str();
            methods.entry(place.clone()).or_default().insert(method);
            let name = format!("{}_{place}", method.to_lowercase());
            let what = format!("{method} {}", route.path.0);

            let mut model = None;
            if let Some(it) = route.model {
                model = Some(self.model(parts, it));
            }
            let parameters = route
                .path
                .segments()
                .filter_map(parameter)
                .map(|it| (format!("method.request.path.{it}"), Body::from(true)));
            let parameters: Vec<_> = parameters.collect();
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
                Term::Text(format!("/{stage}/{method}{}", source_path(route.path))),
            ]);
            let caller = Caller { principal: "apigateway.amazonaws.com", source_arn: here };
            let doc = format!("Lets {what} of this stage call the function, and nothing else.");
            self.permit(&name, doc, route.callee, caller);
        }
        for (place, methods) in methods {
            let resource = resources[&place].clone();
            self.add_preflight(parts, &place, resource, &methods, (spec, &validator));
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
            let word = segment.trim_matches(['{', '}']).to_lowercase().replace(['-', '.'], "_");
            place = if place.is_empty() { word } else { format!("{place}_{word}") };
            parent = match known.get(&place) {
                Some(there) => there.clone(),
                None => {
                    let body =
                        Body::map([("parent_id", parent.into()), ("path_part", segment.into())]);
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

fn parameter(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The path in a source ARN, where each parameter is a `*`.
fn source_path(path: RoutePath) -> String {
    path.segments()
        .map(|it| format!("/{}", if parameter(it).is_some() { "*" } else { it }))
        .collect()
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

    use function_contract::{payload, request_body, written::WrittenText};
    use schemars::{Schema, SchemaGenerator, json_schema};

    use super::*;
    use crate::model::{BlockKind, ModuleName};

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

    fn bare() -> Route {
        Route {
            method: HttpMethod::Post,
            path: RoutePath::new("/order"),
            model: None,
            invoke_arn: "arn".into(),
            callee: Callee { function_name: "judge".into(), alias_name: "live".into() },
            function: Address::new(
                ModuleName::new("a"),
                BlockKind::Resource,
                "aws_lambda_function",
                "judge",
            ),
            reserved: None,
            waits: Duration::ZERO,
            violations: Vec::new(),
        }
    }

    #[test]
    fn a_body_that_draft_04_cannot_describe_is_refused() {
        assert!(bare().body::<Letter>().violations.is_empty());
        let found = bare().body::<Conditional>().violations;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule, "api/draft-04");
        assert!(found[0].problem.contains("contains, if"), "{}", found[0].problem);
    }
}
