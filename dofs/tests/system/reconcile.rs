//! The reconciler fails orders that were not decided in time.

use aws_sdk_dynamodb::types::AttributeValue;
use contracts::domain::OrderStatus;

use crate::support::{eventually, scenario};
use crate::trouble::invoke;

#[test]
fn a_stuck_order_fails() {
    scenario(|local| async move {
        // The record of an order that was stored long ago, and whose message was lost.
        let model = local.one_that_is(OrderStatus::Fulfilled).await;
        let id = "0192f0c1-2d3e-7a4b-8c5d-57ac57ac57ac";
        let table = &local.system.names.orders;
        let key = AttributeValue::S(model.order_id.to_string());
        let found = local.system.dynamodb.get_item().table_name(table).key("order_id", key);
        let mut item = found.send().await.unwrap().item.unwrap();
        let text = |it: &str| AttributeValue::S(it.to_owned());
        item.insert("order_id".to_owned(), text(id));
        item.insert("status".to_owned(), text("PROCESSING"));
        item.insert("updated_at".to_owned(), text("2025-07-20T13:06:28.324Z"));
        item.insert("fulfillment_details".to_owned(), AttributeValue::Null(true));
        local
            .system
            .dynamodb
            .put_item()
            .table_name(table)
            .set_item(Some(item))
            .send()
            .await
            .unwrap();

        invoke(local, "dofs-dev-reconcile-orders", "{}").await;
        let view = eventually("the end of the stuck order", || async {
            let view = local.view(id).await.ok()?;
            (view.status == OrderStatus::Failed).then_some(view)
        })
        .await;
        assert_eq!(view.failure_reason.as_deref(), Some("ProcessingDeadlinePassed"));
        let record = local.failure(id).await.unwrap();
        assert_eq!(record["failure_reason"], "ProcessingDeadlinePassed", "{record}");
    });
}
