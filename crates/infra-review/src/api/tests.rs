use serde_json::{Value, json};

use super::*;

/// A small document with every part that the generator writes.
fn document() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "cups", "description": "Cups.", "version": "1" },
        "servers": [{ "url": "{apiUrl}", "variables": { "apiUrl": { "default": "https://a" } } }],
        "security": [{ "apiKey": [] }],
        "paths": {
            "/cup": { "post": {
                "operationId": "fill",
                "description": "Fills a cup.",
                "parameters": [{
                    "name": "Idempotency-Key", "in": "header", "required": false,
                    "schema": { "type": "string", "pattern": "^[!-~]{1,255}$" },
                }],
                "requestBody": {
                    "required": true,
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Fill" } } },
                },
                "responses": {
                    "202": {
                        "description": "Filled.",
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Cup" } } },
                        "headers": { "Location": { "required": true, "schema": { "type": "string" } } },
                        "links": { "read": { "operationId": "read", "parameters": { "number": "$response.body#/number" } } },
                    },
                    "400": {
                        "description": "No.",
                        "content": { "application/json": { "schema": { "allOf": [
                            { "$ref": "#/components/schemas/ApiError" },
                            { "properties": { "error": { "enum": ["BAD"] } } },
                        ] } } },
                    },
                },
            } },
            "/cup/{number}": { "get": {
                "operationId": "read",
                "parameters": [{
                    "name": "number", "in": "path", "required": true, "schema": { "type": "string" },
                }],
                "responses": { "200": {
                    "description": "The cup.",
                    "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Cup" } } },
                } },
            } },
        },
        "components": {
            "securitySchemes": { "apiKey": { "type": "apiKey", "in": "header", "name": "x-api-key" } },
            "schemas": {
                "Fill": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["level"],
                    "properties": {
                        "level": { "type": "integer", "minimum": 0, "maximum": 100 },
                        "lid": { "type": ["string", "null"], "maxLength": 10 },
                    },
                },
                "Cup": {
                    "type": "object",
                    "required": ["number", "state"],
                    "properties": {
                        "number": { "type": "string" },
                        "state": { "type": "string", "enum": ["FULL", "EMPTY"] },
                        "inner": { "anyOf": [{ "$ref": "#/components/schemas/Cup" }, { "type": "null" }] },
                        "marks": { "type": "array", "items": { "type": "number" } },
                    },
                },
                "ApiError": {
                    "type": "object",
                    "required": ["error"],
                    "properties": { "error": { "type": "string" } },
                },
            },
        },
    })
}

fn found(before: &Value, after: &Value) -> Vec<(Severity, &'static str, String, String)> {
    let mut found = Vec::new();
    documents("modules/api/cups.openapi.json", before, after, &mut found);
    found.sort();
    found.dedup();
    let said = |it: Found| (it.severity, it.rule.as_str(), it.address, it.problem);
    found.into_iter().map(said).collect()
}

/// Checks the findings about an edit of the value at a JSON pointer. `None` removes it.
#[track_caller]
fn check(pointer: &str, value: Option<Value>, expected: &[(Severity, &str, &str, &str)]) {
    let before = document();
    let mut after = before.clone();
    let (outer, name) = pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/");
    match (after.pointer_mut(outer).unwrap(), value) {
        (Value::Object(fields), Some(value)) => drop(fields.insert(name, value)),
        (Value::Object(fields), None) => assert!(fields.remove(&name).is_some(), "{pointer}"),
        (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
        (Value::Array(items), None) => drop(items.remove(name.parse().unwrap())),
        (other, _) => panic!("{other}"),
    }
    let found = found(&before, &after);
    let found: Vec<_> = found.iter().map(|it| (it.0, it.1, &*it.2, &*it.3)).collect();
    assert_eq!(found, expected, "{pointer}");
}

const FILL: &str = "cups.openapi.json: POST /cup";
const READ: &str = "cups.openapi.json: GET /cup/{number}";
const FILE: &str = "cups.openapi.json";
const BROKEN: (Severity, &str) = (Severity::Danger, "api-broken");
const SURPRISE: (Severity, &str) = (Severity::Warning, "api-broken");
const CHANGED: (Severity, &str) = (Severity::Notice, "api-changed");
const UNJUDGED: (Severity, &str) = (Severity::Warning, "unjudged");

fn said<'a>(
    kind: (Severity, &'a str),
    route: &'a str,
    problem: &'a str,
) -> (Severity, &'a str, &'a str, &'a str) {
    (kind.0, kind.1, route, problem)
}

#[test]
fn a_route_that_is_gone_or_new() {
    check("/paths/~1cup~1{number}", None, &[said(BROKEN, READ, "the route is gone")]);
    check("/paths/~1cup/post", None, &[said(BROKEN, FILL, "the route is gone")]);
    let route = json!({ "get": { "responses": {} } });
    check(
        "/paths/~1lid",
        Some(route),
        &[said(CHANGED, "cups.openapi.json: GET /lid", "the route is new")],
    );
}

#[test]
fn the_fields_of_a_request() {
    let body = "/components/schemas/Fill";
    check(
        &format!("{body}/required"),
        Some(json!(["level", "lid"])),
        &[said(BROKEN, FILL, "requests must have `/lid` of the body of the request")],
    );
    check(
        &format!("{body}/required"),
        Some(json!([])),
        &[said(CHANGED, FILL, "requests may lack `/level` of the body of the request")],
    );
    check(
        &format!("{body}/properties/lid"),
        None,
        &[said(BROKEN, FILL, "`/lid` of the body of the request is gone")],
    );
    check(
        &format!("{body}/properties/colour"),
        Some(json!({ "type": "string" })),
        &[said(CHANGED, FILL, "`/colour` of the body of the request is new")],
    );
    check(
        &format!("{body}/additionalProperties"),
        None,
        &[said(CHANGED, FILL, "`/*` of the body of the request may have any other value")],
    );
    let mut after = document();
    after["components"]["schemas"]["Fill"]["required"] = json!(["level", "colour"]);
    after["components"]["schemas"]["Fill"]["properties"]["colour"] = json!({ "type": "string" });
    let found = found(&document(), &after);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].0, found[0].1), BROKEN);
    assert!(
        found[0].3.starts_with("`/colour` of the body of the request is new, and"),
        "{found:?}"
    );
}

#[test]
fn the_types_of_a_request() {
    let level = "/components/schemas/Fill/properties/level";
    let place = "`/level` of the body of the request";
    check(
        &format!("{level}/maximum"),
        Some(json!(50)),
        &[said(BROKEN, FILL, &format!("{place} has another `maximum`: 100 -> 50"))],
    );
    check(
        &format!("{level}/maximum"),
        None,
        &[said(CHANGED, FILL, &format!("{place} has another `maximum`: 100 -> nothing"))],
    );
    check(
        &format!("{level}/minimum"),
        Some(json!(-1)),
        &[said(CHANGED, FILL, &format!("{place} has another `minimum`: 0 -> -1"))],
    );
    check(
        &format!("{level}/type"),
        Some(json!("number")),
        &[said(CHANGED, FILL, &format!("{place} may be \"number\""))],
    );
    check(
        &format!("{level}/type"),
        Some(json!("string")),
        &[
            said(CHANGED, FILL, &format!("{place} may be \"string\"")),
            said(BROKEN, FILL, &format!("{place} is no longer \"integer\"")),
        ],
    );
    check(
        "/components/schemas/Fill/properties/lid/type",
        Some(json!("string")),
        &[said(BROKEN, FILL, "`/lid` of the body of the request is no longer \"null\"")],
    );
    check(
        &format!("{level}/multipleOf"),
        Some(json!(5)),
        &[said(BROKEN, FILL, &format!("{place} has another `multipleOf`: nothing -> 5"))],
    );
}

#[test]
fn the_parameters_of_a_request() {
    let header = "/paths/~1cup/post/parameters/0";
    check(header, None, &[said(BROKEN, FILL, "the API ignores the header Idempotency-Key")]);
    check(
        &format!("{header}/required"),
        Some(json!(true)),
        &[said(BROKEN, FILL, "a request needs the header Idempotency-Key")],
    );
    check(
        &format!("{header}/schema/pattern"),
        Some(json!("^a$")),
        &[said(
            BROKEN,
            FILL,
            "the header Idempotency-Key has another `pattern`: ^[!-~]{1,255}$ -> ^a$",
        )],
    );
    check(
        &format!("{header}/allowReserved"),
        Some(json!(true)),
        &[said(
            UNJUDGED,
            FILL,
            "the header Idempotency-Key has another `allowReserved`: nothing -> true",
        )],
    );
    check("/paths/~1cup/post/requestBody", None, &[said(BROKEN, FILL, "the API ignores the body")]);
    check(
        "/paths/~1cup/post/requestBody/required",
        None,
        &[said(CHANGED, FILL, "a request may lack a body")],
    );
    check(
        "/paths/~1cup~1{number}/get/requestBody",
        Some(json!({ "required": true })),
        &[said(BROKEN, READ, "a request needs a body")],
    );
}

/// Both routes answer with a cup, so each has the finding.
#[test]
fn the_fields_of_an_answer() {
    let cup = "/components/schemas/Cup";
    let on = |kind, problem: &str| {
        let of =
            |route: &str, answer: &str| (kind, route.to_owned(), problem.replace("{at}", answer));
        [of(READ, "the answer 200"), of(FILL, "the answer 202")]
    };
    let check = |pointer: &str, value: Option<Value>, kind, problem: &str| {
        let all = on(kind, problem);
        let mut all: Vec<_> = all.iter().map(|it| said(it.0, &it.1, &it.2)).collect();
        all.sort_by_key(|it| it.3);
        super::tests::check(&format!("{cup}/{pointer}"), value, &all);
    };
    check("properties/number", None, BROKEN, "`/number` of {at} is gone");
    check("properties/colour", Some(json!({})), CHANGED, "`/colour` of {at} is new");
    check("required", Some(json!(["number"])), BROKEN, "`/state` of {at} may be missing");
    check(
        "required",
        Some(json!(["number", "state", "marks"])),
        CHANGED,
        "`/marks` of {at} is always there",
    );
    check(
        "properties/state/enum",
        Some(json!(["FULL", "EMPTY", "CRACKED"])),
        SURPRISE,
        "`/state` of {at} may be \"CRACKED\"",
    );
    check(
        "properties/state/enum",
        Some(json!(["FULL"])),
        CHANGED,
        "`/state` of {at} is no longer \"EMPTY\"",
    );
    check(
        "properties/marks/items/type",
        Some(json!("integer")),
        CHANGED,
        "`/marks/*` of {at} is no longer \"number\"",
    );
    check("properties/inner/anyOf/1", None, CHANGED, "`/inner` of {at} has another `anyOf`");
    check("not", Some(json!({})), UNJUDGED, "{at} has another `not`: nothing -> {}");
}

#[test]
fn the_answers_of_a_route() {
    let answers = "/paths/~1cup/post/responses";
    check(&format!("{answers}/202"), None, &[said(BROKEN, FILL, "it no longer answers 202")]);
    check(&format!("{answers}/400"), None, &[said(CHANGED, FILL, "it no longer answers 400")]);
    check(&format!("{answers}/200"), Some(json!({})), &[said(SURPRISE, FILL, "it may answer 200")]);
    check(&format!("{answers}/409"), Some(json!({})), &[said(CHANGED, FILL, "it may answer 409")]);
    check(
        &format!("{answers}/202/headers/Location"),
        None,
        &[said(BROKEN, FILL, "the header Location of the answer 202 is gone")],
    );
    check(
        &format!("{answers}/202/headers/Location/required"),
        Some(json!(false)),
        &[said(BROKEN, FILL, "the header Location of the answer 202 may be missing")],
    );
    check(
        &format!("{answers}/202/links"),
        None,
        &[said(CHANGED, FILL, "the answer 202 leads to other routes")],
    );
    check(
        &format!("{answers}/400/content/application~1json/schema/allOf/1/properties/error/enum"),
        Some(json!(["BAD", "WORSE"])),
        &[said(SURPRISE, FILL, "`/error` of the answer 400 may be \"WORSE\"")],
    );
    check(
        &format!("{answers}/202/content/text~1plain"),
        Some(json!({})),
        &[said(SURPRISE, FILL, "the answer 202 may be text/plain")],
    );
}

#[test]
fn the_credentials_of_callers() {
    check("/security", None, &[said(CHANGED, FILE, "the API asks for no credentials")]);
    check(
        "/security/0",
        Some(json!({ "other": [] })),
        &[said(BROKEN, FILE, "the API asks for others")],
    );
    check(
        "/components/securitySchemes/apiKey/name",
        Some(json!("x-key")),
        &[said(BROKEN, FILE, "the credentials `apiKey` are others")],
    );
    check(
        "/components/securitySchemes/apiKey",
        None,
        &[said(CHANGED, FILE, "the credentials `apiKey` are gone")],
    );
    check(
        "/paths/~1cup/post/security",
        Some(json!([{ "apiKey": [] }])),
        &[said(BROKEN, FILL, "the route asks for credentials")],
    );
}

#[test]
fn texts_for_people_are_not_reported_and_all_else_is() {
    check("/info/description", Some(json!("Cups, and lids.")), &[]);
    check("/paths/~1cup/post/description", None, &[]);
    check("/info/version", Some(json!("2")), &[said(CHANGED, FILE, "its `version` is 1 -> 2")]);
    let servers = "the API has another server, or its URL other variables";
    check("/servers/0/url", Some(json!("/")), &[said(CHANGED, FILE, servers)]);
    let webhooks = "the document has another `webhooks`: nothing -> {}";
    check("/webhooks", Some(json!({})), &[said(UNJUDGED, FILE, webhooks)]);
    let unused = "no route uses the schema `Lid`, and it differs";
    check("/components/schemas/Lid", Some(json!({})), &[said(UNJUDGED, FILE, unused)]);
    let examples = "`components` has another `examples`: nothing -> {}";
    check("/components/examples", Some(json!({})), &[said(UNJUDGED, FILE, examples)]);
}

/// Each value of the document that the generator writes is removed, and replaced by another one.
#[test]
fn no_part_of_a_generated_document_changes_in_silence() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../generated/prod/modules/api_gateway/orders.openapi.json");
    let before: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut pointers = Vec::new();
    fn walk(value: &Value, at: &str, all: &mut Vec<String>) {
        let inner: Vec<(String, &Value)> = match value {
            Value::Object(fields) => {
                fields.iter().map(|(name, it)| (name.replace('/', "~1"), it)).collect()
            }
            Value::Array(items) => {
                items.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect()
            }
            _ => return,
        };
        for (name, it) in inner {
            let pointer = format!("{at}/{name}");
            walk(it, &pointer, all);
            all.push(pointer);
        }
    }
    walk(&before, "", &mut pointers);
    let mut edits = 0;
    for pointer in &pointers {
        let (outer, name) = pointer.rsplit_once('/').unwrap();
        let is_property = outer.ends_with("/properties");
        if FOR_PEOPLE.contains(&name) && !is_property {
            continue;
        }
        for value in [None, Some(json!("another"))] {
            let mut after = before.clone();
            match (after.pointer_mut(outer).unwrap(), value) {
                (Value::Object(fields), Some(value)) => {
                    fields.insert(name.replace("~1", "/"), value);
                }
                (Value::Object(fields), None) => drop(fields.remove(&name.replace("~1", "/"))),
                (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
                (Value::Array(items), None) => drop(items.remove(name.parse().unwrap())),
                (other, _) => panic!("{other}"),
            }
            // A flag that is missing is false.
            let is_flag = name == "required" && before.pointer(pointer) == Some(&json!(false));
            if after != before && !(is_flag && after.pointer(pointer).is_none()) {
                edits += 1;
                assert!(!found(&before, &after).is_empty(), "{pointer}");
            }
        }
    }
    assert!(edits > 800, "{edits}");
}
