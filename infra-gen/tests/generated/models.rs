//! The request models of API Gateway accept what the functions parse.

use contracts::api::OrderRequest;
use function_contract::http::ApiError;
use infra_core::model::schema::Draft04;
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
