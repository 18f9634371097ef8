//! Tests the handler with a fake table.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use adding::{
    contract::{AnnounceOrder, AnnounceOrderEnv},
    handler::announce,
};
use function_contract::env::EnvContract as _;
use runtime::{
    handler::{Invocation, answer},
    item::Attributes,
    message::each,
    moment::Moment,
    port::{DynamoDb, Fault, GetItem, Page, PutItem, Query, UpdateItem, Write, WriteError},
};
use serde_json::json;

/// A table that gives every read the same result.
struct Table(Result<Option<Attributes>, Fault>);

impl DynamoDb for Table {
    async fn get_item(&self, call: GetItem) -> Result<Option<Attributes>, Fault> {
        assert_eq!(call.table, "orders");
        self.0.clone()
    }
    async fn put_item(&self, _: PutItem) -> Result<(), WriteError> {
        unreachable!("the right does not contain it")
    }
    async fn update_item(&self, _: UpdateItem) -> Result<(), WriteError> {
        unreachable!("the right does not contain it")
    }
    async fn transact_write_items(&self, _: Vec<Write>) -> Result<(), WriteError> {
        unreachable!("the right does not contain it")
    }
    async fn query(&self, _: Query) -> Result<Page, Fault> {
        unreachable!("the right does not contain it")
    }
}

async fn back(table: Table, body: &str) -> Vec<String> {
    let env = AnnounceOrderEnv::parse(|name| match name {
        "ORDERS_TABLE" => Some("orders".to_owned()),
        _ => Some("info".to_owned()),
    });
    let function = each(announce)(env.unwrap(), table);
    let record = json!({ "messageId": "m-1", "receiptHandle": "r", "body": body });
    let event = json!({ "Records": [record] }).to_string();
    let invocation = Invocation { request_id: "1".to_owned(), deadline: Moment::from_millis(0) };
    let said = answer::<AnnounceOrder, _>(&function, &event, &invocation).await.unwrap();
    said.batch_item_failures.into_iter().map(|it| it.item_identifier).collect()
}

#[tokio::test]
async fn only_the_failed_message_returns_to_the_queue() {
    const STORED: &str =
        r#"{"orderId":"0192f0c1-2d3e-7a4b-8c5d-000000000001","status":"PROCESSING"}"#;
    let throttled = Fault::Throttled { service: "DynamoDB", code: "Throttled".to_owned() };
    assert_eq!(back(Table(Err(throttled.clone())), STORED).await, ["m-1"]);
    assert!(back(Table(Ok(None)), STORED).await.is_empty());
    // After the last attempt, SQS moves a message that cannot be read to the dead letters.
    assert_eq!(back(Table(Err(throttled)), "{").await, ["m-1"]);
}
