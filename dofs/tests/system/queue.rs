//! Messages: duplicates, unparsable ones, and redriven dead letters.

use std::time::Duration;

use contracts::domain::OrderStatus;
use dofs::{
    interrupt::Interrupt,
    redrive::{Options, redrive},
};

use crate::support::{eventually, scenario};

#[test]
fn a_duplicate_message_changes_nothing() {
    scenario(|local| async move {
        let before = local.one_that_is(OrderStatus::Fulfilled).await;
        let body = serde_json::json!({
            "orderId": before.order_id, "submittedAt": before.created_at,
        });
        for _ in 0..3 {
            local.send(&body.to_string()).await;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        let after = local.view(before.order_id.as_str()).await.unwrap();
        assert_eq!(before, after);
    });
}

/// This is one scenario, because both parts wait for the dead letters.
#[test]
fn failed_messages_become_dead_letters_and_can_be_redriven() {
    scenario(|local| async move {
        let poison = local.send("{ this is not a message").await;
        let failed = local.one_that_is(OrderStatus::Failed).await;
        let id = failed.order_id.as_str();

        let key = format!("message-{poison}");
        let record = eventually("the poison's record", || local.failure(&key)).await;
        assert_eq!(record["failure_reason"], "UnreadableMessage", "{record}");
        assert_eq!(record["raw_body"], "{ this is not a message");

        let (message, _) = eventually("the dead letters", || async {
            let dead = local.dead_letters().await;
            let unreadable = dead.iter().any(|(message, _)| *message == poison);
            let order = dead.iter().find(|(_, body)| body.contains(id)).cloned();
            order.filter(|_| unreadable)
        })
        .await;
        let record = local.failure(id).await.unwrap();
        assert_eq!(record["failure_reason"], "FulfillmentFailed", "{record}");

        // The redriven order is a new message, with a new round. The unparsable message stays a dead letter.
        let options = Options { order: Some(id.to_owned()), ..Options::default() };
        let moved = redrive(&local.system, &options, &Interrupt::never(), |_| {}).await;
        let moved = moved.unwrap_or_else(|err| panic!("{err:#}"));
        assert_eq!((moved.moved, moved.problems.as_slice()), (1, [].as_slice()), "{moved:?}");
        let left = local.dead_letters().await;
        assert!(!left.iter().any(|(it, _)| *it == message), "{message} is still there");
        assert!(left.iter().any(|(it, _)| *it == poison), "{poison} is gone");
        let round = eventually("the second round", || async {
            let record = local.item(&local.system.names.orders, id).await?;
            (record["round"] == "1").then_some(record)
        })
        .await;
        let fulfilled = fulfill_order::chance::draw(
            &failed.order_id,
            1,
            local.system.environment.config().fulfillment_rate,
        );
        let expected = if fulfilled { "FULFILLED" } else { "FAILED" };
        assert_eq!(round["status"], expected, "{round}");
        assert_eq!(local.failure(id).await.is_some(), !fulfilled);
    });
}
