//! The records of orders that failed or were rejected: whole requests, attribute by attribute, for every way into the
//! states that write them.

use serde_json::{Map, Value, json};

use super::{Answer, Error, NOW, Payload, Timeout, environments, failed, run, valid};

/// How long a rejected order is kept, in seconds.
const KEPT: [u64; 3] = [604_800, 2_592_000, 7_776_000];

/// The fields that a customer may write, and their attributes in the record.
struct Written {
    quantity: Value,
    price: Value,
    metadata: Value,
    /// The same in a record: `quantity` and `price` as text, and no `metadata` where there is none.
    attributes: (&'static str, &'static str, Option<Value>),
}

/// Each field at its bounds.
fn every_kind() -> Vec<Written> {
    let pairs = json!({ "gift": "yes", "{% 1 %}": "", "$states": "{'S': 'ü 🎁'}" });
    let as_map = json!({ "M": {
        "gift": { "S": "yes" }, "{% 1 %}": { "S": "" }, "$states": { "S": "{'S': 'ü 🎁'}" },
    } });
    let kind = |quantity, price, metadata, attributes| Written {
        quantity: json!(quantity),
        price,
        metadata,
        attributes,
    };
    vec![
        kind(2, json!(29.99), pairs, ("2", "29.99", Some(as_map))),
        kind(1, json!(0.01), Value::Null, ("1", "0.01", None)),
        kind(100, json!(10_000), json!({}), ("100", "10000", Some(json!({ "M": {} })))),
        kind(-1_000_000_000, json!(-1e9), Value::Null, ("-1000000000", "-1000000000", None)),
        kind(0, json!(0.123456789012345), Value::Null, ("0", "0.123456789012345", None)),
        kind(1_000_000_000, json!(1e-9), Value::Null, ("1000000000", "1e-9", None)),
    ]
}

impl Written {
    /// In what a state is given.
    fn within(&self, mut input: Value) -> Value {
        input["quantity"] = self.quantity.clone();
        input["price"] = self.price.clone();
        input["metadata"] = self.metadata.clone();
        input
    }

    /// The record of an order that cannot be fulfilled. `but` has the attributes that the path to it adds.
    fn record(&self, but: &[(&str, &str, &str)]) -> Value {
        let (quantity, price, metadata) = &self.attributes;
        let mut record = json!({
            "order_id": { "S": "o-1" },
            "customer_id": { "S": "c-1" },
            "product_id": { "S": "p-1" },
            "quantity": { "N": quantity },
            "price": { "N": price },
            "created_at": { "S": "2023-11-14T22:13:19.000Z" },
            "round": { "N": "0" },
        });
        if let Some(metadata) = metadata {
            record["metadata"] = metadata.clone();
        }
        for (name, kind, value) in but {
            record[name] = json!({ *kind: value });
        }
        record
    }
}

/// Runs an order until this state, and gives what the state asks for.
fn asked(environment: &str, input: Value, state: &str, others: impl Fn(&str) -> Answer) -> Value {
    let mut found = None;
    let _ = run(environment, input, |at, arguments, _| match at == state {
        true => {
            found = Some(arguments.clone());
            Payload(Value::Null)
        }
        false => others(at),
    });
    found.unwrap_or_else(|| panic!("{state} never began"))
}

/// There is no record, or one of the same order in a status.
const CONDITION: &str =
    "attribute_not_exists(#key) OR (#c0 = :c0 AND #c1 = :c1 AND #c2 = :c2 AND #c3 = :c3)";

fn names_of_it() -> Value {
    json!({
        "#key": "order_id", "#c0": "status", "#c1": "customer_id", "#c2": "product_id",
        "#c3": "created_at",
    })
}

fn ours_that_is(status: &str) -> Value {
    json!({
        ":c0": { "S": status }, ":c1": { "S": "c-1" }, ":c2": { "S": "p-1" },
        ":c3": { "S": "2023-11-14T22:13:19.000Z" },
    })
}

/// The request of `RecordFailure`.
fn both(order: &Value, why: &Value) -> Value {
    json!({
        "ClientRequestToken": "o-1",
        "TransactItems": [
            { "Put": {
                "TableName": "<orders_table_name>",
                "Item": order,
                "ConditionExpression": CONDITION,
                "ExpressionAttributeNames": names_of_it(),
                "ExpressionAttributeValues": ours_that_is("PROCESSING"),
            } },
            { "Put": { "TableName": "<failed_orders_table_name>", "Item": why } },
        ],
    })
}

/// A way into `RecordFailure`.
struct Way {
    /// The answer to the state that fails.
    error: Answer,
    /// How the others are answered.
    others: fn(&Written) -> Vec<(&'static str, Value)>,
    state: &'static str,
    /// The reason in the records.
    reason: &'static str,
    message: &'static str,
    at: &'static str,
    status: &'static str,
    total: Option<&'static str>,
}

/// A rejected order as the validator answers it, at the moment when the execution began.
fn rejected(written: &Written) -> Value {
    written.within(failed("OrderInvalid", "no stock", "INVALID", Value::Null, NOW))
}

fn ways() -> Vec<Way> {
    let nobody: fn(&Written) -> Vec<(&'static str, Value)> = |_| Vec::new();
    let accepted: fn(&Written) -> Vec<(&'static str, Value)> =
        |it| vec![("ValidateOrder", json!({ "valid": it.within(valid()) }))];
    vec![
        // Each after six attempts, between which 30.5 of up to 61 seconds pass.
        Way {
            error: Error("Lambda.Unknown", "it crashed"),
            others: nobody,
            state: "ValidateOrder",
            reason: "Lambda.Unknown",
            message: "it crashed",
            at: "2023-11-14T22:13:50.623Z",
            status: "UNKNOWN",
            total: None,
        },
        Way {
            error: Timeout,
            others: nobody,
            state: "ValidateOrder",
            reason: "States.Timeout",
            message: "",
            at: "2023-11-14T22:13:50.623Z",
            status: "UNKNOWN",
            total: None,
        },
        Way {
            error: Error("Lambda.ServiceException", "down"),
            others: accepted,
            state: "StoreOrder",
            reason: "Lambda.ServiceException",
            message: "down",
            at: "2023-11-14T22:13:50.623Z",
            status: "VALID",
            total: Some("59.98"),
        },
        Way {
            error: Timeout,
            others: accepted,
            state: "StoreOrder",
            reason: "States.Timeout",
            message: "",
            at: "2023-11-14T22:13:50.623Z",
            status: "VALID",
            total: Some("59.98"),
        },
    ]
}

#[test]
pub(super) fn a_failed_order_is_recorded_whole_whichever_way_it_failed() {
    for environment in environments() {
        for written in every_kind() {
            for way in ways() {
                let others = (way.others)(&written);
                let asked =
                    asked(environment, written.within(super::order()), "RecordFailure", |at| {
                        if at == way.state {
                            return way.error.clone();
                        }
                        let answer = others.iter().find(|(state, _)| *state == at);
                        Payload(answer.unwrap_or_else(|| panic!("{at} begins")).1.clone())
                    });
                let mut attributes = vec![
                    ("status", "S", "FAILED"),
                    ("updated_at", "S", way.at),
                    ("validation_status", "S", way.status),
                    ("failure_reason", "S", way.reason),
                    ("failure_timestamp", "S", way.at),
                    ("error_message", "S", way.message),
                ];
                attributes.extend(way.total.map(|it| ("total_amount", "N", it)));
                let why = json!({
                    "order_id": { "S": "o-1" },
                    "original_timestamp": { "S": "2023-11-14T22:13:19.000Z" },
                    "failed_timestamp": { "S": way.at },
                    "receive_count": { "N": "0" },
                    "failure_reason": { "S": way.reason },
                    "error_message": { "S": way.message },
                });
                let expected = both(&written.record(&attributes), &why);
                same(&asked, &expected, &format!("{environment}: {} in {}", way.reason, way.state));
            }
        }
    }
}

#[test]
pub(super) fn a_rejected_order_is_recorded_whole() {
    for (environment, kept) in environments().iter().zip(KEPT) {
        // Nothing rejected has a total today. One that had it would keep it.
        for (written, total) in every_kind().into_iter().zip([None, Some("59.98")].iter().cycle()) {
            let mut rejected = rejected(&written);
            if let Some(total) = total {
                rejected["totalAmount"] = serde_json::from_str(total).expect("a number");
            }
            let input = written.within(super::order());
            let asked = asked(environment, input, "RecordRejection", |_| {
                Payload(json!({ "invalid": rejected }))
            });
            let expires = (NOW.millis / 1_000 + kept).to_string();
            let mut attributes = vec![
                ("status", "S", "REJECTED"),
                ("updated_at", "S", "2023-11-14T22:13:20.123Z"),
                ("validation_status", "S", "INVALID"),
                ("failure_reason", "S", "OrderInvalid"),
                ("failure_timestamp", "S", "2023-11-14T22:13:20.123Z"),
                ("error_message", "S", "no stock"),
                ("expires_at", "N", &expires),
            ];
            attributes.extend(total.map(|it| ("total_amount", "N", it)));
            let expected = json!({
                "TableName": "<orders_table_name>",
                "Item": written.record(&attributes),
                "ConditionExpression": CONDITION,
                "ExpressionAttributeNames": names_of_it(),
                "ExpressionAttributeValues": ours_that_is("REJECTED"),
            });
            same(&asked, &expected, environment);
        }
    }
}

/// Both sides, line by line where they differ.
#[track_caller]
fn same(found: &Value, expected: &Value, what: &str) {
    let (mut left, mut right) = (Map::new(), Map::new());
    flat(found, "", &mut left);
    flat(expected, "", &mut right);
    let mut differ = Vec::new();
    for at in left.keys().chain(right.keys().filter(|it| !left.contains_key(*it))) {
        let (found, expected) = (left.get(at), right.get(at));
        if found != expected {
            differ.push(format!("{at}: {found:?}, not {expected:?}"));
        }
    }
    assert!(differ.is_empty(), "{what}:\n{}", differ.join("\n"));
}

fn flat(value: &Value, at: &str, all: &mut Map<String, Value>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, it)| flat(it, &format!("{at}/{name}"), all));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(n, it)| flat(it, &format!("{at}/{n}"), all));
        }
        leaf => drop(all.insert(at.to_owned(), leaf.clone())),
    }
}
