//! How long an execution takes. A simulation runs millions.

use std::{collections::BTreeMap, hint::black_box, sync::Arc, time::Instant};

use asl::{Execution, Failure, Machine, Next, Now};
use serde_json::json;

/// `cargo test --release -p asl --test speed -- --ignored --nocapture`
#[test]
#[ignore = "it measures time, which says something in a release build alone"]
fn the_largest_template_takes_no_time() {
    const RUNS: u32 = 20_000;
    let path = "../../generated/dev/modules/stepfunctions/order.asl.json";
    let text = std::fs::read_to_string(path).expect("the machine is committed");
    let names = text.split("${").skip(1).filter_map(|it| it.split_once('}'));
    let variables: BTreeMap<_, _> = names.map(|(it, _)| (it.to_owned(), it.to_owned())).collect();
    // The same, beginning where the largest template is.
    let text = text.replace(r#""StartAt": "ValidateOrder""#, r#""StartAt": "RecordFailure""#);
    let machine = Arc::new(Machine::parse(&text, &variables).expect("it is sound"));
    let input = json!({
        "orderId": "o-1", "customerId": "c-1", "productId": "p-1", "quantity": 2, "price": 29.99,
        "totalAmount": 59.98, "metadata": {"gift": "yes", "note": "none"}, "error": "E",
        "submittedAt": "2023-11-14T22:13:19.000Z", "failedAt": "2023-11-14T22:13:19.000Z",
        "cause": "down", "validationStatus": "VALID",
    });
    let begin = |now| Execution::start(&machine, "id", "name", input.clone(), now);
    let now = Now::from_millis(1_700_000_000_123);
    let started = Instant::now();
    for _ in 0..RUNS {
        let _ = black_box(begin(black_box(now)));
    }
    println!("RecordFailure, to its task: {:?}", started.elapsed() / RUNS);
    let failure = Failure::new("DynamoDb.TransactionCanceledException", "it is there");
    let started = Instant::now();
    for _ in 0..RUNS {
        let (mut execution, mut next) = begin(now);
        while !matches!(next, Next::Succeeded(_)) {
            next = match next {
                Next::Wait(_) => execution.woke(now),
                _ => execution.task_failed(failure.clone(), now),
            }
            .expect("it is in turn");
        }
    }
    println!("RecordFailure, 31 times and caught: {:?}", started.elapsed() / RUNS);
}
