//! `dofs orders`, with an index that has only keys, and a table whose records have changed since.

use serde_json::{Value, json};

use crate::{dofs, ran, stranger::Stranger};

fn id(name: char) -> String {
    format!("0192f0c1-2d3e-7a4b-8c5d-00000000000{name}")
}

fn text(it: &str) -> Value {
    json!({ "S": it })
}

/// Returns a record with this status, which changed at this second.
fn record(name: char, status: &str, second: u32) -> Value {
    record_of(&id(name), status, second)
}

/// As [`record`], of the order with this id.
pub(crate) fn record_of(id: &str, status: &str, second: u32) -> Value {
    let at = text(&format!("2025-07-20T13:06:{second:02}.000Z"));
    json!({
        "order_id": text(id), "status": text(status), "customer_id": text("CUST-1234"),
        "product_id": text("PROD-1234"), "quantity": { "N": "1" }, "price": { "N": "1" },
        "created_at": at, "updated_at": at, "validation_status": text("VALID"), "round": { "N": "0" },
    })
}

/// A fake index with these pages of FAILED orders, and a fake table with these records.
fn system(pages: &'static [&'static str], records: Vec<Value>) -> Stranger {
    Stranger::that_tells(move |request| {
        let asked: Value = serde_json::from_slice(&request.body).unwrap();
        if request.headers.contains("BatchGetItem") {
            let asked = asked.to_string();
            let is_asked = |it: &&Value| asked.contains(it["order_id"]["S"].as_str().unwrap());
            let found: Vec<_> = records.iter().filter(is_asked).collect();
            return (200, json!({ "Responses": { "dofs-dev-orders": found } }).to_string());
        }
        assert!(request.headers.contains("DynamoDB_20120810.Query"), "{}", request.headers);
        if asked["ExpressionAttributeValues"][":hash"] != text("FAILED") {
            return (200, json!({ "Items": [] }).to_string());
        }
        let page =
            asked["ExclusiveStartKey"]["page"]["N"].as_str().map_or(0, |it| it.parse().unwrap());
        let limit = usize::try_from(asked["Limit"].as_u64().unwrap()).unwrap();
        // A key that is not the id of an order is an item of another program.
        let key = |name: char| if name == '?' { "no order".to_owned() } else { id(name) };
        let keys = pages[page].chars().take(limit).map(|name| {
            json!({ "order_id": text(&key(name)), "status": text("FAILED"),
                "updated_at": text("2025-07-20T13:06:00.000Z") })
        });
        let mut answer = json!({ "Items": keys.collect::<Vec<_>>() });
        if page + 1 < pages.len() {
            answer["LastEvaluatedKey"] = json!({ "page": { "N": (page + 1).to_string() } });
        }
        (200, answer.to_string())
    })
}

/// Returns the listed orders, stderr, and the exit code.
fn told(system: &Stranger, args: &[&str]) -> (String, String, Option<i32>) {
    let url = system.url();
    let urls = ["--endpoint-url", &url, "--format", "json"];
    let (code, stdout, stderr) = ran(&mut dofs(&[&["orders"], args, &urls].concat()));
    let orders: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|err| panic!("{err}: {stdout}{stderr}"));
    let orders = orders.as_array().unwrap().iter();
    let name = |it: &Value| it["order_id"].as_str().unwrap().chars().last().unwrap();
    (orders.map(name).collect(), stderr, code)
}

#[test]
fn the_list_shows_the_current_records() {
    #[track_caller]
    fn check(args: &[&str], expected: &str) {
        // Since the index was updated, d was deleted, and e has changed its status.
        let records = vec![
            record('a', "FAILED", 1),
            record('b', "FAILED", 2),
            record('c', "FAILED", 3),
            record('e', "FULFILLED", 9),
        ];
        let system = system(&["ecd", "b", "a"], records);
        let (orders, stderr, code) = told(&system, args);
        assert_eq!((&*orders, &*stderr, code), (expected, "", Some(0)), "{args:?}");
    }
    check(&["--status", "failed"], "cba");
    check(&["--status", "failed", "--limit", "2"], "cb");
    check(&["--status", "processing"], "");
    // Without a filter, every status is listed.
    check(&[], "ecba");
    check(&["--limit", "2"], "ec");
}

#[test]
fn an_unreadable_record_does_not_hide_the_others() {
    let mut set = record('b', "FAILED", 2);
    set["tags"] = json!({ "SS": ["x"] });
    let mut later = record('c', "FAILED", 3);
    later["validation_status"] = text("of another version");
    let records = vec![record('a', "FAILED", 1), set, later, record('d', "FAILED", 4)];
    for args in [&["--status", "failed"][..], &[]] {
        let system = system(&["d?cb", "a"], records.clone());
        let (orders, stderr, code) = told(&system, args);
        assert_eq!((&*orders, code), ("da", Some(1)), "{stderr}");
        let named = [id('b'), id('c'), "no order".to_owned()];
        for (key, why) in
            named.iter().zip(["`tags` is a set or binary", "another version", "order_id"])
        {
            let line = stderr.lines().find(|it| it.contains(key.as_str()));
            assert!(line.is_some_and(|it| it.contains(why)), "{key}: {stderr}");
        }
        assert_eq!(stderr.lines().count(), 3, "{stderr}");
    }
}
