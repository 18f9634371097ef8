//! Records that an order's id already has: its own, or another order's.

use std::cell::RefCell;

use asl::{Failure, Next};
use serde_json::{Value, json};

use super::{
    Answer, Error, Given, NOW, Payload, Raised, canceled, check, failed, order, rounds::round, run,
    valid,
};

/// The answer to `ReadRecord` with the record of the order.
pub(super) fn ours() -> Answer {
    Given(json!({ "Item": {
        "order_id": { "S": "o-1" },
        "customer_id": { "S": "c-1" },
        "product_id": { "S": "p-1" },
        "created_at": { "S": "2023-11-14T22:13:19.000Z" },
    } }))
}

/// The same, where one attribute has another value.
fn but(attribute: &str) -> Answer {
    let Given(mut found) = ours() else { unreachable!("it is a result") };
    found["Item"][attribute] = json!({ "S": "another" });
    Given(found)
}

/// How an execution ends that finds another order's record.
pub(super) fn conflict() -> Next {
    let cause = "another order is stored under this id; it stays as it is";
    Next::Failed(Failure::new("OrderConflict", cause))
}

/// Runs an order that cannot be stored, and whose failure cannot be recorded until its record was read so often, with the
/// answers given. Gives what was seen from the first read on, and how it ended.
fn read(answers: &[Answer]) -> (String, Next) {
    let reads = RefCell::new(answers.iter());
    let asked = RefCell::new(Vec::new());
    let answer = |state: &str, arguments: &Value, _: u32| match state {
        "ValidateOrder" => Payload(json!({ "valid": valid() })),
        "StoreOrder" => Error("OrderStorageRejected", "no"),
        "ReadRecord" => {
            let expected = json!({
                "TableName": "<orders_table_name>",
                "Key": { "order_id": { "S": "o-1" } },
                "ConsistentRead": true,
                "ProjectionExpression": "#key, #c0, #c1, #c2",
                "ExpressionAttributeNames": {
                    "#key": "order_id", "#c0": "customer_id", "#c1": "product_id",
                    "#c2": "created_at",
                },
            });
            assert_eq!(*arguments, expected);
            reads.borrow_mut().next().expect("it reads no more often").clone()
        }
        _ => {
            asked.borrow_mut().push(arguments.clone());
            match reads.borrow().len() {
                0 => Payload(json!({})),
                _ => Raised(canceled("ConditionalCheckFailed, None")),
            }
        }
    };
    let (seen, end) = run("dev", order(), answer);
    // Each round writes what the first one did.
    let asked = asked.into_inner();
    assert!(asked.iter().all(|it| *it == asked[0]), "{asked:#?}");
    let from = seen.iter().position(|it| it == "ReadRecord").expect("it is read");
    assert!(seen[..from].join(" ").ends_with(&round("RecordFailure")));
    (seen[from..].join(" "), end)
}

#[test]
pub(super) fn another_orders_record_is_a_conflict() {
    for attribute in ["customer_id", "product_id", "created_at"] {
        let (seen, end) = read(&[but(attribute)]);
        assert_eq!((seen.as_str(), end), ("ReadRecord OrderConflict", conflict()), "{attribute}");
    }
    // A record that lacks an attribute is another order's.
    let (seen, end) = read(&[Given(json!({ "Item": { "order_id": { "S": "o-1" } } }))]);
    assert_eq!((seen.as_str(), end), ("ReadRecord OrderConflict", conflict()));
}

#[test]
pub(super) fn a_record_that_is_gone_again_is_written_in_the_next_round() {
    let (seen, end) = read(&[Given(json!({}))]);
    assert_eq!(seen, "ReadRecord 540 RecordFailure OrderFailed");
    assert_eq!(end, Next::Failed(Failure::new("OrderStorageRejected", "no")));
}

#[test]
pub(super) fn a_record_that_cannot_be_read_is_read_in_the_next_round() {
    let down = || Error("DynamoDB.InternalServerError", "down");
    let (seen, end) = read(&[down(), ours()]);
    assert_eq!(seen, "ReadRecord 1 ReadRecord AlreadyDecided");
    let Next::Succeeded(output) = end else { panic!("{end:?}") };
    assert_eq!(output["orderId"], "o-1");
    let (seen, end) = read(&[down(), down(), down(), but("customer_id")]);
    let (reads, writes) = (round("ReadRecord"), round("RecordFailure"));
    assert_eq!(seen, format!("{reads} 540 {writes} ReadRecord OrderConflict"));
    assert_eq!(end, conflict());
    let (seen, end) = read(&[down(), down(), down()]);
    assert_eq!(seen, format!("{reads} 540 RecordFailure OrderFailed"));
    assert_eq!(end, Next::Failed(Failure::new("OrderStorageRejected", "no")));
}

/// A repeat finds its own record, and its condition holds. So the record that it may not overwrite is another order's.
#[test]
pub(super) fn another_orders_record_is_not_rejected() {
    let rejected = failed("OrderInvalid", "no", "INVALID", Value::Null, NOW);
    let answer = |state: &str, _: &Value, _: u32| match state {
        "ValidateOrder" => Payload(json!({ "invalid": rejected })),
        _ => Error("DynamoDB.ConditionalCheckFailedException", "it is there"),
    };
    check(answer, "ValidateOrder RecordRejection OrderConflict", conflict());
}
