//! `dofs redrive`, with a fake of SQS and DynamoDB that answers as AWS documents it.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::{
    dofs,
    orders::record_of,
    ran,
    stranger::{Request, Stranger},
};

fn id(name: char) -> String {
    format!("0192f0c1-2d3e-7a4b-8c5d-00000000000{name}")
}

/// The dead letter with this number, of the order of this name.
fn letter(number: usize, order: char) -> Value {
    let body = json!({ "orderId": id(order), "submittedAt": "2025-07-20T13:06:28.324Z" });
    json!({ "MessageId": format!("m{number}"), "ReceiptHandle": format!("r{number}"), "Body": body.to_string() })
}

/// A fake queue that returns the dead letters of these orders one by one. Before each of them, every order has failed in its next
/// round.
fn queue(orders: &'static str) -> Stranger {
    let received = AtomicUsize::new(0);
    Stranger::that_tells(move |request| {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let answer = match request.action().unwrap().as_str() {
            "sqs:GetQueueUrl" => {
                json!({ "QueueUrl": format!("http://sqs.invalid/1/{}", body["QueueName"].as_str().unwrap()) })
            }
            "sqs:GetQueueAttributes" => json!({ "Attributes": {
                "ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "0",
            } }),
            "sqs:ReceiveMessage" => {
                let number = received.fetch_add(1, Ordering::SeqCst);
                let letter = orders.chars().nth(number).map(|it| letter(number, it));
                json!({ "Messages": letter.as_slice() })
            }
            "sqs:SendMessage" => json!({ "MessageId": "sent" }),
            "sqs:DeleteMessage" | "sqs:ChangeMessageVisibility" => json!({}),
            "dynamodb:Query" => json!({ "Items": [] }),
            "dynamodb:BatchGetItem" if body["RequestItems"]["dofs-dev-orders"].is_object() => {
                let rounds = received.load(Ordering::SeqCst) - 1;
                let keys =
                    body["RequestItems"]["dofs-dev-orders"]["Keys"].as_array().unwrap().iter();
                let records = keys.map(|it| {
                    let mut record = record_of(it["order_id"]["S"].as_str().unwrap(), "FAILED", 1);
                    record["round"] = json!({ "N": rounds.to_string() });
                    record
                });
                json!({ "Responses": { "dofs-dev-orders": records.collect::<Vec<_>>() } })
            }
            "dynamodb:BatchGetItem" => json!({ "Responses": {} }),
            other => panic!("{other}"),
        };
        (200, answer.to_string())
    })
}

/// Returns the order of each sent message, and the round that it asks for.
fn asked(requests: &[Request]) -> Vec<(char, String)> {
    let sent = requests.iter().filter(|it| it.action().as_deref() == Some("sqs:SendMessage"));
    let of = |it: &Request| {
        let sent: Value = serde_json::from_slice(&it.body).unwrap();
        let body: Value = serde_json::from_str(sent["MessageBody"].as_str().unwrap()).unwrap();
        let order = body["orderId"].as_str().unwrap().chars().last().unwrap();
        let round = sent["MessageAttributes"]["Round"]["StringValue"].as_str().unwrap();
        (order, round.to_owned())
    };
    sent.map(of).collect()
}

/// The order of the first letter may have failed in its new round before the second letter is read.
#[test]
fn a_run_asks_for_one_round_of_an_order() {
    fn check(orders: &'static str, expected: &[(char, &str)]) {
        let aws = queue(orders);
        let url = aws.url();
        let args = ["redrive", "--yes", "--endpoint-url", &url];
        let (code, stdout, stderr) = ran(&mut dofs(&args));
        assert_eq!(code, Some(0), "{stdout}{stderr}");
        let expected: Vec<_> =
            expected.iter().map(|(it, round)| (*it, (*round).to_owned())).collect();
        assert_eq!(asked(&aws.requests()), expected, "{orders}");
    }
    check("a", &[('a', "1")]);
    check("aaa", &[('a', "1"), ('a', "1"), ('a', "1")]);
    check("aba", &[('a', "1"), ('b', "2"), ('a', "1")]);
}
