//! Checks that the JSON of a payload, its schema and its paths agree.

use contracts::{
    api::{OrderAnswer, OrderRequest, OrderView},
    functions::{FulfillOrderEnv, ReconcileOrdersEnv},
    order::{
        FailedOrder, OrderAccepted, OrderGivenUp, OrderRecord, OrderStored, OrderSubmitted,
        OrderValidated,
    },
};
use function_contract::{
    env::{EnvContract, EnvErrors},
    http::{ApiError, Problem},
    path::Payload,
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

#[test]
fn every_path_exists_in_the_schema_and_the_other_way_round() {
    fn check<P: Payload>() {
        let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<P>();
        let mut properties: Vec<String> =
            schema.as_value()["properties"].as_object().unwrap().keys().cloned().collect();
        let mut paths = P::WIRE_NAMES.to_vec();
        properties.sort();
        paths.sort();
        assert_eq!(paths, properties, "{}", P::schema_name());
        // Only a strict payload says that it has no other fields.
        let strict = ["OrderRequest", "OrderAnswer", "OrderView", "ApiError", "Problem"];
        let others = schema.as_value().get("additionalProperties");
        let expected = strict.contains(&&*P::schema_name()).then_some(&Value::Bool(false));
        assert_eq!(others, expected, "{}", P::schema_name());
    }
    check::<OrderRequest>();
    check::<OrderAnswer>();
    check::<OrderView>();
    check::<ApiError>();
    check::<Problem>();
    check::<OrderSubmitted>();
    check::<OrderValidated>();
    check::<OrderStored>();
    check::<OrderAccepted>();
    check::<OrderGivenUp>();
    check::<OrderRecord>();
    check::<FailedOrder>();
}

#[test]
fn payloads_round_trip_and_match_their_schema() {
    fn check<P: Payload + JsonSchema + PartialEq + std::fmt::Debug>(json: Value) {
        let parsed: P = serde_json::from_value(json.clone()).unwrap();
        let written = serde_json::to_value(&parsed).unwrap();
        assert_eq!(serde_json::from_value::<P>(written.clone()).unwrap(), parsed);
        let mut names: Vec<String> = written.as_object().unwrap().keys().cloned().collect();
        let mut due = P::WIRE_NAMES.to_vec();
        names.sort();
        due.sort();
        assert_eq!(names, due, "every field is always on the wire");
        let schema = schemars::schema_for!(P);
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        assert!(validator.is_valid(&written), "{written}");
        let mut surplus = json;
        surplus["surplus"] = json!(1);
        let is_valid = validator.is_valid(&surplus);
        match serde_json::from_value::<P>(surplus) {
            Ok(read) => assert!(is_valid && read == parsed, "{read:?}"),
            Err(err) => assert!(!is_valid, "{err}"),
        }
    }
    let id = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
    let at = "2025-07-20T13:06:28.324Z";
    check::<OrderRequest>(
        json!({ "customerId": "CUST-1234", "productId": "PROD-1", "quantity": 2, "price": 29.99 }),
    );
    check::<OrderSubmitted>(json!({
        "orderId": id, "customerId": "x", "productId": "y", "quantity": -3, "price": 1e9,
        "metadata": { "gift": "yes" }, "submittedAt": at,
    }));
    check::<OrderValidated>(json!({
        "orderId": id, "customerId": "CUST-1234", "productId": "PROD-1234", "quantity": 2,
        "price": 29.99, "totalAmount": 59.98, "metadata": null, "submittedAt": at,
    }));
    check::<OrderStored>(json!({ "orderId": id, "status": "PROCESSING" }));
    check::<OrderAccepted>(json!({ "orderId": id, "submittedAt": at }));
    check::<OrderRecord>(json!({
        "order_id": id, "customer_id": "CUST-1234", "product_id": "PROD-1234", "quantity": 2,
        "price": 29.99, "total_amount": 59.98, "status": "FULFILLED", "created_at": at,
        "updated_at": at, "validation_status": "VALID", "metadata": null,
        "fulfillment_details": {
            "tracking_number": "TRK1", "carrier": "EXPRESS_SHIPPING", "estimated_delivery": at,
        },
        "failure_reason": null, "failure_timestamp": null, "error_message": null,
        "expires_at": null, "round": 0, "dead_letter": null,
    }));
    check::<FailedOrder>(json!({
        "order_id": id, "original_timestamp": at, "failed_timestamp": at, "receive_count": 3,
        "failure_reason": "OutOfStock", "error_message": null, "raw_body": null,
    }));
    check::<ApiError>(json!({
        "error": "BAD_REQUEST_BODY", "message": "No.", "requestId": "r",
        "problems": [{ "pointer": "/quantity", "message": "must be a number" }],
    }));
}

#[test]
fn every_wrong_variable_is_reported() {
    fn check<E: EnvContract>(set: &[(&str, &str)], wrong: &[&str]) {
        let read = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        };
        let errors = E::parse(read).err().unwrap_or_default();
        let names: Vec<&str> = EnvErrors::iter(&errors).map(|(name, _)| name).collect();
        assert_eq!(names, wrong, "{errors}");
    }
    let good = [
        ("ORDERS_TABLE", "orders"),
        ("FAILED_ORDERS_TABLE", "failed"),
        ("ORDER_QUEUE_URL", "https://sqs/queue"),
        ("FULFILLMENT_RATE", "70"),
        ("LOG_LEVEL", "info"),
        ("METRICS_NAMESPACE", "dofs-dev/orders"),
    ];
    check::<FulfillOrderEnv>(&good, &[]);
    check::<FulfillOrderEnv>(&good[1..], &["ORDERS_TABLE"]);
    check::<FulfillOrderEnv>(
        &[("ORDERS_TABLE", " "), ("FULFILLMENT_RATE", "101"), ("LOG_LEVEL", "loud")],
        &[
            "FAILED_ORDERS_TABLE",
            "FULFILLMENT_RATE",
            "LOG_LEVEL",
            "METRICS_NAMESPACE",
            "ORDERS_TABLE",
            "ORDER_QUEUE_URL",
        ],
    );
    check::<ReconcileOrdersEnv>(
        &[
            ("ORDERS_TABLE", "a"),
            ("FAILED_ORDERS_TABLE", "b"),
            ("PROCESSING_DEADLINE_MINUTES", "0"),
            ("LOG_LEVEL", "warn"),
            ("METRICS_NAMESPACE", "n"),
        ],
        &["PROCESSING_DEADLINE_MINUTES"],
    );
}
