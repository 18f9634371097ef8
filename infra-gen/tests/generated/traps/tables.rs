//! Tables: what is kept, and what expires.

use infra_gen::config::Environment;
use serde_json::json;

use super::everywhere;

#[test]
fn tables_can_be_rescued() {
    everywhere(|environment, root| {
        for (name, table) in root.resources("aws_dynamodb_table") {
            assert_eq!(table["point_in_time_recovery"][0]["enabled"], true, "{name}");
            let protected = environment == Environment::Prod;
            assert_eq!(table["deletion_protection_enabled"], protected, "{name}");
        }
    });
}

#[test]
fn only_what_is_meant_to_expire_does() {
    everywhere(|_, root| {
        let orders = root.resource("aws_dynamodb_table", "dynamodb.orders");
        assert_eq!(orders["ttl"], json!([{ "attribute_name": "expires_at", "enabled": true }]));
        assert!(root.resource("aws_dynamodb_table", "dynamodb.failed_orders")["ttl"].is_null());
        let machine = root.file("order.asl.json");
        let item = |state: &str, path: &str| {
            machine["States"][state]["Arguments"].pointer(path).unwrap().to_string()
        };
        // An item is one expression, and lacks what is absent.
        let rejected = item("RecordRejection", "/Item");
        let expires =
            "'expires_at': {'N': $string($floor($toMillis($states.input.failedAt) / 1000) + ";
        assert!(rejected.contains(expires), "{rejected}");
        let failed = item("RecordFailure", "/TransactItems/0/Put/Item");
        assert!(failed.contains("'order_id'") && !failed.contains("expires_at"), "{failed}");
    });
}
