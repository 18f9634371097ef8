//! Renders the OpenAPI document of an HTTP API.
//!
//! <https://spec.openapis.org/oas/v3.1.0>

use std::collections::{BTreeMap, BTreeSet};

use function_contract::{
    api::{AnswerShape, RouteShape, ValueShape},
    http::{API_KEY_HEADER, ApiError},
};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::json::compact;
use crate::model::rest_api::{Callers, DescribedApi};

/// The path of the document in the root, and its text.
pub(crate) fn file(api: &DescribedApi) -> (String, String) {
    let (module, name) = (api.address.module(), api.address.name());
    (format!("modules/{}/{name}.openapi.json", module.as_str()), compact(&document(api)))
}

fn document(api: &DescribedApi) -> Value {
    let mut schemas = Schemas::new(api);
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in &api.routes {
        let operation = operation(api, route, &mut schemas);
        let path = paths.entry(route.path.to_string()).or_default();
        path.insert(route.method.as_str().to_lowercase(), operation);
    }
    let mut components = Map::from_iter([("schemas".to_owned(), schemas.into_components())]);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": api.title, "description": api.doc, "version": api.version },
        "servers": [server(api)],
        "paths": paths,
    });
    if let Some((name, scheme)) = security(api.callers) {
        components.insert("securitySchemes".to_owned(), json!({ name: scheme }));
        document["security"] = json!([{ name: [] }]);
    }
    document["components"] = components.into();
    document
}

/// The server. Terraform outputs its URL, because AWS chooses the id of the API.
fn server(api: &DescribedApi) -> Value {
    let (region, stage) = (api.region, api.stage);
    json!({
        "url": "{apiUrl}",
        "variables": { "apiUrl": {
            "default": format!("https://api-id.execute-api.{region}.amazonaws.com/{stage}"),
            "description": "The URL in front of every path, with the id that AWS gives the API.",
        } },
    })
}

/// How callers identify themselves. Anybody can call an API without it.
fn security(callers: Callers) -> Option<(&'static str, Value)> {
    let key = |name: &str| json!({ "type": "apiKey", "in": "header", "name": name });
    match callers {
        Callers::Anyone => None,
        Callers::WithKey { .. } => Some(("apiKey", key(API_KEY_HEADER))),
        // OpenAPI has no type for a signature. This is how API Gateway exports it:
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
        Callers::Signed => {
            let mut scheme = key("Authorization");
            scheme["x-amazon-apigateway-authtype"] = "awsSigv4".into();
            Some(("signature", scheme))
        }
    }
}

fn operation(api: &DescribedApi, route: &RouteShape, schemas: &mut Schemas) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route.name),
        "description": route.doc,
        "responses": responses(api, route, schemas),
    });
    let parameter = |it: &ValueShape, place: &str, schemas: &mut Schemas| {
        json!({
            "name": it.name, "in": place, "description": it.doc, "required": place == "path",
            "schema": (it.schema)(&mut schemas.requests),
        })
    };
    let path = route.parameters.iter().map(|it| (it, "path"));
    let all = path.chain(route.headers.iter().map(|it| (it, "header")));
    let parameters: Vec<Value> = all.map(|(it, place)| parameter(it, place, schemas)).collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = &route.body {
        let schema = schemas.of_request(&body.name, body.schema);
        let bytes = body.largest_bytes;
        operation["requestBody"] = json!({
            "description": format!("At most {bytes} bytes in UTF-8."),
            "required": true,
            "content": { "application/json": { "schema": schema } },
        });
    }
    operation
}

/// `fillCup` of `FillCup`.
fn operation_id(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |it| it.to_lowercase().chain(letters).collect())
}

/// The answers with one status.
#[derive(Default)]
struct Responses<'a> {
    answer: Option<&'a AnswerShape>,
    /// Each error by its code, with its meaning. A code is `None` if others are possible, too.
    errors: Vec<(Option<&'static str>, &'a str)>,
    /// For each answer, whether it has the header.
    retry_after: Vec<bool>,
}

fn responses(api: &DescribedApi, route: &RouteShape, schemas: &mut Schemas) -> Value {
    let mut all: BTreeMap<u16, Responses<'_>> = BTreeMap::new();
    for answer in &route.answers {
        let same = all.entry(answer.status).or_default();
        same.retry_after.push(answer.retry_after);
        match answer.error {
            Some(code) => same.errors.push((Some(code), &answer.doc)),
            None => same.answer = Some(answer),
        }
    }
    for edge in api.edge_errors(route) {
        let same = all.entry(edge.status).or_default();
        same.retry_after.push(edge.retry_after);
        same.errors.push((edge.code, edge.doc));
    }
    let responses = all.into_iter();
    responses.map(|(status, it)| (status.to_string(), response(api, &it, schemas))).collect()
}

fn response(api: &DescribedApi, all: &Responses<'_>, schemas: &mut Schemas) -> Value {
    let mut schema = None;
    let mut headers = Map::new();
    let mut links = Map::new();
    if let Some(answer) = all.answer {
        schema = answer.body.as_ref().map(|it| (it.schema)(&mut schemas.answers).to_value());
        let target = api.routes.iter().find(|it| Some(it.name) == answer.location);
        if let Some(target) = target {
            let what = format!("Leads to `{} {}`.", target.method.as_str(), target.path);
            headers.insert(
                "Location".to_owned(),
                json!({
                    "description": format!("{what} It is relative to the URL of the request."),
                    "required": true,
                    "schema": { "type": "string", "format": "uri-reference" },
                }),
            );
            let names = answer.body.as_ref().map_or(&[][..], |it| it.names);
            let values = target.parameters.iter().filter(|it| names.contains(&it.name));
            let values: BTreeMap<_, _> =
                values.map(|it| (it.name, format!("$response.body#/{}", it.name))).collect();
            if values.len() == target.parameters.len() {
                let operation = operation_id(target.name);
                links.insert(
                    operation.clone(),
                    json!({
                        "operationId": operation, "description": what, "parameters": values,
                    }),
                );
            }
        }
    }
    if !all.errors.is_empty() {
        schema = Some(error(&all.errors, schemas));
    }
    if all.retry_after.contains(&true) {
        headers.insert(
            "Retry-After".to_owned(),
            json!({
                "description": "The number of seconds after which the request may succeed.",
                "required": !all.retry_after.contains(&false),
                "schema": { "type": "string", "pattern": "^[0-9]+$" },
            }),
        );
    }
    let mut response = json!({ "description": description(all) });
    if let Some(schema) = schema {
        response["content"] = json!({ "application/json": { "schema": schema } });
    }
    for (name, all) in [("headers", headers), ("links", links)] {
        if !all.is_empty() {
            response[name] = all.into();
        }
    }
    response
}

/// The meaning of the only answer, or a list.
fn description(all: &Responses<'_>) -> String {
    if let Some(answer) = all.answer {
        return answer.doc.clone();
    }
    let line = |(code, doc): &(Option<&str>, &str)| match code {
        Some(code) => format!("`{code}`: {doc}"),
        None => (*doc).to_owned(),
    };
    // Of two answers with the same meaning, one comes from the function, and one from API Gateway.
    let lines: BTreeSet<String> = all.errors.iter().map(line).collect();
    let lines = Vec::from_iter(lines);
    match lines.len() {
        1 => lines.concat(),
        _ => format!("One of:\n\n- {}", lines.join("\n- ")),
    }
}

/// The body of an error with one of these codes.
fn error(errors: &[(Option<&'static str>, &str)], schemas: &mut Schemas) -> Value {
    let body = schemas.answers.subschema_for::<ApiError>().to_value();
    let codes: Option<BTreeSet<&str>> = errors.iter().map(|(code, _)| *code).collect();
    match codes {
        Some(codes) => json!({ "allOf": [body, { "properties": { "error": { "enum": codes } } }] }),
        None => body,
    }
}

/// The schemas of a document.
struct Schemas {
    /// Writes types as they are serialized, by reference.
    answers: SchemaGenerator,
    /// Writes types as they are deserialized, in place. A type may be a part of requests and answers, and a component has
    /// only one schema.
    requests: SchemaGenerator,
    bodies: BTreeMap<String, Value>,
}

const COMPONENTS: &str = "/components/schemas";

impl Schemas {
    fn new(api: &DescribedApi) -> Self {
        let mut settings = SchemaSettings::draft2020_12();
        settings.meta_schema = None;
        settings.definitions_path = COMPONENTS.into();
        let mut answers = settings.clone().for_serialize().into_generator();
        // The names of all answers must be known before a request gets a name.
        let bodies = api.routes.iter().flat_map(|it| &it.answers).filter_map(|it| it.body.as_ref());
        bodies.for_each(|it| drop((it.schema)(&mut answers)));
        settings.inline_subschemas = true;
        Schemas { answers, requests: settings.into_generator(), bodies: BTreeMap::new() }
    }

    /// The reference to the schema of a request's body.
    fn of_request(&mut self, name: &str, schema: function_contract::api::SchemaOf) -> Value {
        let schema = schema(&mut self.requests).to_value();
        let taken = self.answers.definitions().get(name).is_some_and(|it| *it != schema);
        let name = if taken { format!("{name}Request") } else { name.to_owned() };
        self.bodies.insert(name.clone(), schema);
        json!({ "$ref": format!("#{COMPONENTS}/{name}") })
    }

    fn into_components(mut self) -> Value {
        let mut all: Map<String, Value> = self.answers.take_definitions(true);
        all.values_mut().for_each(open);
        all.extend(self.bodies);
        all.into()
    }
}

/// Allows other fields in an answer. Later versions of an API may have more of them, and clients must ignore those that
/// they do not know.
fn open(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("additionalProperties") == Some(&Value::Bool(false)) {
                fields.remove("additionalProperties");
            }
            fields.values_mut().for_each(open);
        }
        Value::Array(items) => items.iter_mut().for_each(open),
        _ => (),
    }
}
