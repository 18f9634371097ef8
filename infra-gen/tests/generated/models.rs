//! The request models of API Gateway accept what the functions parse, and the OpenAPI documents have the whole contract.

use contracts::api::{OrderApi, OrderRequest};
use function_contract::{api::Api as _, http::ApiError};
use infra_core::model::schema::Draft04;
use infra_gen::{config::Environment, roots};
use schemars::JsonSchema;
use serde_json::{Value, json};

#[test]
fn models_pass_the_meta_schema() {
    fn check<T: JsonSchema>() {
        let schema = Draft04::of::<T>().unwrap();
        jsonschema::draft4::meta::validate(schema.as_value()).unwrap();
    }
    check::<OrderRequest>();
    check::<ApiError>();
}

#[test]
fn the_model_accepts_what_the_function_parses() {
    fn check(body: Value, good: bool) {
        let schema = Draft04::of::<OrderRequest>().unwrap();
        let model = jsonschema::draft4::new(schema.as_value()).unwrap();
        assert_eq!(model.is_valid(&body), good, "{body}");
        assert_eq!(serde_json::from_value::<OrderRequest>(body).is_ok(), good);
    }
    let order = json!({ "customerId": "C", "productId": "P", "quantity": 1, "price": 2.5 });
    check(order.clone(), true);
    let with = |key: &str, value: Value| {
        let mut order = order.clone();
        order[key] = value;
        order
    };
    check(with("metadata", json!({ "gift": "yes" })), true);
    check(with("metadata", Value::Null), true);
    check(with("metadata", json!({ "gift": 1 })), false);
    check(with("quantity", json!("1")), false);
    check(with("quantity", json!(1.5)), false);
    check(with("price", Value::Null), false);
    check(with("surplus", json!(1)), false);
    check(json!({ "customerId": "C" }), false);
    check(json!([]), false);
}

fn document(environment: Environment) -> Value {
    let path = format!("generated/{environment}/modules/api_gateway/orders.openapi.json");
    serde_json::from_str(&roots::environment(environment).files[&path]).unwrap()
}

#[test]
fn an_openapi_document_has_every_route_and_every_answer() {
    let document = document(Environment::Dev);
    let mut answers = 0;
    for route in OrderApi::routes() {
        let path = route.path.to_string();
        let operation = &document["paths"][&path][route.method.as_str().to_lowercase()];
        assert!(operation.is_object(), "{path}");
        for answer in route.answers {
            let response = &operation["responses"][answer.status.to_string()];
            let schema = &response["content"]["application/json"]["schema"];
            if let Some(code) = answer.error {
                let codes = schema["allOf"][1]["properties"]["error"]["enum"].as_array().unwrap();
                assert!(codes.contains(&json!(code)), "{path}: {code}");
            } else {
                assert!(schema["$ref"].is_string(), "{path}: {schema}");
            }
            assert_eq!(response["headers"]["Location"].is_object(), answer.location.is_some());
            let retries = response["headers"]["Retry-After"].is_object();
            assert!(retries || !answer.retry_after, "{path}: {response}");
            answers += 1;
        }
    }
    assert!(answers > 10, "{answers}");
}

#[test]
fn every_reference_of_an_openapi_document_leads_to_a_schema() {
    fn walk<'v>(value: &'v Value, all: &mut Vec<&'v str>) {
        match value {
            Value::Object(fields) => {
                all.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|it| walk(it, all));
            }
            Value::Array(items) => items.iter().for_each(|it| walk(it, all)),
            _ => (),
        }
    }
    for environment in Environment::ALL {
        let document = document(environment);
        let mut references = Vec::new();
        walk(&document, &mut references);
        assert!(references.len() > 10, "{references:?}");
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{environment}: {reference}");
        }
    }
}

/// Only prod has a key and a firewall.
#[test]
fn an_openapi_document_names_the_errors_of_its_own_edge() {
    let codes = |environment| {
        let document = document(environment);
        let post = document["paths"]["/order"]["post"]["responses"].clone();
        let of = |status: &str| {
            let schema = &post[status]["content"]["application/json"]["schema"];
            schema["allOf"][1]["properties"]["error"]["enum"].clone()
        };
        (document["security"].clone(), of("403"), of("429"))
    };
    let (security, forbidden, throttled) = codes(Environment::Dev);
    assert_eq!((security, forbidden, throttled), (Value::Null, Value::Null, json!(["THROTTLED"])));
    let (security, forbidden, throttled) = codes(Environment::Prod);
    assert_eq!(security, json!([{ "apiKey": [] }]));
    assert_eq!(forbidden, json!(["INVALID_API_KEY", "WAF_FILTERED"]));
    assert_eq!(throttled, json!(["QUOTA_EXCEEDED", "THROTTLED"]));
}
