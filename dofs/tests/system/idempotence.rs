//! The same idempotency key returns the same order.

use dofs::api::Refused;

use crate::support::{local, order, scenario};

#[test]
fn a_repeated_key_returns_the_same_order() {
    scenario(|local| async move {
        let key = "a-key-that-comes-again";
        let id = local.place(order(2, 29.99), Some(key)).await;
        assert_eq!(local.place(order(2, 29.99), Some(key)).await, id, "while it runs");
        let first = local.ended(&id).await;
        assert_eq!(local.place(order(2, 29.990), Some(key)).await, id, "after its end");
        let second = local.ended(&id).await;
        assert_eq!(first, second);
        let other = local.system.api.place(order(3, 29.99), Some(key.to_owned())).await;
        match other.outcome {
            Err(Refused::Error { status: 409, error }) => {
                assert_eq!(error.error, "IDEMPOTENCY_KEY_TAKEN");
            }
            other => panic!("{other:?}"),
        }
        // The same key of another customer is another key.
        let mut another = order(2, 29.99);
        another.customer_id = "CUST-9999".to_owned().try_into().unwrap();
        assert_ne!(local.place(another, Some(key)).await, id);
    });
}

#[test]
fn ten_parallel_requests_with_one_key_place_one_order() {
    scenario(|_| async move {
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                tokio::spawn(async {
                    local().place(order(1, 1.0), Some("ten-times-at-once")).await
                })
            })
            .collect();
        let mut ids = Vec::new();
        for task in tasks {
            ids.push(task.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
    });
}
