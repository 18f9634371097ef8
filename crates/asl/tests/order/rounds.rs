//! Failures that cannot be recorded immediately: rounds of attempts until the execution times out.

use std::time::Duration;

use asl::{Execution, Failure, Next};
use serde_json::{Value, json};

use super::{
    Error, NOW, Payload, Raised, Timeout, canceled, check, failed, machine, order, run, valid,
    whose,
};

/// All attempts of one round to write something down, and the seconds between them.
pub(super) fn round(state: &str) -> String {
    format!("{state} 1 {state} 2 {state}")
}

/// Runs an order that cannot be stored. The attempts of each round to record that fail in the way given, and then they
/// succeed. Gives what was seen from `RecordFailure` on, every request, and how it ended.
fn recorded_after(rounds: &[Failure]) -> (String, Vec<Value>, Next) {
    let mut begun = 0;
    let mut asked = Vec::new();
    let answer = |state: &str, arguments: &Value, retries: u32| match state {
        "ValidateOrder" => Payload(json!({ "valid": valid() })),
        "StoreOrder" => Error("OrderStorageRejected", "no"),
        "ReadRecord" => whose::ours(),
        _ => {
            asked.push(arguments.clone());
            begun += usize::from(retries == 0);
            let failure = begun.checked_sub(1).and_then(|it| rounds.get(it));
            failure.map_or(Payload(Value::Null), |it| Raised(it.clone()))
        }
    };
    let (seen, end) = run("dev", order(), answer);
    let from =
        seen.iter().position(|it| it == "RecordFailure").expect("RecordFailure is in the path");
    (seen[from..].join(" "), asked, end)
}

#[test]
pub(super) fn a_failure_that_was_recorded_before_is_not_recorded_again() {
    let attempts = round("RecordFailure");
    for reasons in ["ConditionalCheckFailed, None", "ConditionalCheckFailed, TransactionConflict"] {
        let canceled = canceled(reasons);
        let (seen, _, end) = recorded_after(std::slice::from_ref(&canceled));
        // Within seconds: nothing is left to wait for.
        assert_eq!(seen, format!("{attempts} ReadRecord AlreadyDecided"));
        let Next::Succeeded(output) = end else { panic!("{end:?}") };
        let told = ["orderId", "error", "cause", "canceled"].map(|it| output[it].as_str());
        let expected =
            [Some("o-1"), Some("OrderStorageRejected"), Some("no"), canceled.cause.as_deref()];
        assert_eq!(told, expected);
    }
    // It was decided while the execution waited.
    let rounds = ["TransactionConflict, None", "ConditionalCheckFailed, None"].map(canceled);
    let (seen, ..) = recorded_after(&rounds);
    assert_eq!(seen, format!("{attempts} 540 {attempts} ReadRecord AlreadyDecided"));
}

/// Nothing says that the order was decided, so it is recorded, with the same request each time: the token of a transaction
/// covers its contents.
#[test]
pub(super) fn a_failure_is_recorded_however_long_that_takes() {
    #[track_caller]
    fn check(failure: &Failure) {
        let (seen, asked, end) = recorded_after(&[failure.clone(), failure.clone()]);
        let attempts = round("RecordFailure");
        assert_eq!(seen, format!("{attempts} 540 {attempts} 540 RecordFailure OrderFailed"));
        assert_eq!(end, Next::Failed(Failure::new("OrderStorageRejected", "no")));
        assert_eq!(asked.len(), 7);
        assert!(asked.iter().all(|it| *it == asked[0]), "{asked:#?}");
    }
    check(&canceled("TransactionConflict, None"));
    check(&canceled("None, ThrottlingError"));
    check(&canceled("None, ProvisionedThroughputExceeded"));
    check(&canceled("ValidationError, None"));
    check(&Failure::new("DynamoDb.TransactionCanceledException", ""));
    // Nor does another error, whatever its cause mentions.
    check(&Failure::new("DynamoDb.InternalServerError", "ConditionalCheckFailed"));
    check(&Failure::timeout());
}

/// A rejected order stays rejected, however long DynamoDB takes nothing.
#[test]
pub(super) fn a_rejection_is_recorded_however_long_that_takes() {
    let rejected = failed("OrderInvalid", "no", "INVALID", Value::Null, NOW);
    let begun = std::cell::Cell::new(0);
    let answer = |state: &str, arguments: &Value, retries: u32| match state {
        "ValidateOrder" => {
            begun.set(0);
            Payload(json!({ "invalid": rejected }))
        }
        _ => {
            begun.set(begun.get() + u32::from(retries == 0));
            assert_eq!(arguments["Item"]["failure_reason"], json!({"S": "OrderInvalid"}));
            assert_eq!(arguments["Item"]["error_message"], json!({"S": "no"}));
            match begun.get() {
                1 => Error("DynamoDB.InternalServerError", "down"),
                2 => Timeout,
                _ => Payload(Value::Null),
            }
        }
    };
    let attempts = round("RecordRejection");
    let seen = format!("ValidateOrder {attempts} 540 {attempts} 540 RecordRejection Rejected");
    check(answer, &seen, Next::Succeeded(rejected.clone()));
}

/// An outage of a day is longer than an execution. A redrive has it record what it would have recorded.
#[test]
pub(super) fn what_a_day_does_not_record_is_redriven() {
    let machine = machine("dev");
    let limit = machine.timeout().expect("an execution ends");
    assert_eq!(limit, Duration::from_secs(86_400));
    let (mut execution, mut next) = Execution::start(&machine, "id", "o-1", order(), NOW);
    let (mut now, mut rounds) = (NOW, 0);
    loop {
        next = match next {
            Next::Task(task) => {
                rounds += u32::from(&*task.state == "RecordFailure" && task.retries == 0);
                execution.task_failed(Failure::new("Down", "it is"), now)
            }
            Next::Wait(wait) => {
                now = now + wait.choose(|longest| longest / 2);
                if now.millis - NOW.millis >= limit.as_millis() as u64 {
                    break;
                }
                execution.woke(now)
            }
            end => panic!("{end:?}"),
        }
        .expect("it is its turn");
    }
    assert!(rounds > 140, "{rounds}");
    execution.stop();
    let mut next = execution.redrive(now).expect("it was stopped");
    if execution.state() == "RecordFailureLater" {
        next = execution.woke(now).expect("it waits");
    }
    let Next::Task(task) = next else { panic!("{next:?}") };
    assert_eq!((&*task.state, task.retries), ("RecordFailure", 0));
    let record = &task.arguments["TransactItems"][0]["Put"]["Item"];
    assert_eq!(record["order_id"]["S"], "o-1");
    assert_eq!(record["failure_reason"]["S"], "Down");
    let end = execution.task_succeeded(json!({}), now);
    assert_eq!(end, Ok(Next::Failed(Failure::new("Down", "it is"))));
    assert_eq!(execution.state(), "OrderFailed");
}
