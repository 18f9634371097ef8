//! The longest time, by hand.

use serde_json::{Value, json};

use super::good;
use crate::check::asl::{most_transitions, worst_case_seconds};

fn task(timeout: u64, retry: Value, next: &str) -> Value {
    json!({"Type": "Task", "TimeoutSeconds": timeout, "Retry": retry, "Next": next})
}

fn machine(states: Value) -> Value {
    json!({"StartAt": "A", "States": states})
}

#[test]
fn the_longest_time_is_counted() {
    fn check(states: Value, expected: Option<u64>) {
        assert_eq!(worst_case_seconds(&machine(states.clone())), expected, "{states}");
    }
    let end = json!({"Type": "Succeed"});
    check(json!({"A": end}), Some(0));
    check(json!({"A": {"Type": "Wait", "Seconds": 7, "Next": "B"}, "B": end}), Some(7));
    check(json!({"A": task(10, json!([]), "B"), "B": end}), Some(10));
    // Defaults: three more attempts, after 1, 2 and 4 seconds.
    check(json!({"A": task(10, json!([{}]), "B"), "B": end}), Some(47));
    // 3 + 6 + 10 + 10, and five attempts of one second.
    let capped =
        json!([{"IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 4, "MaxDelaySeconds": 10}]);
    check(json!({"A": task(1, capped, "B"), "B": end}), Some(34));
    // Two retriers: both can be used up.
    let two = json!([
        {"IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 2},
        {"IntervalSeconds": 5, "BackoffRate": 1, "MaxAttempts": 1},
    ]);
    check(json!({"A": task(10, two, "B"), "B": end}), Some(47));
    // Numbers that no clock can hold stop at the greatest.
    let many = json!([{"BackoffRate": 3, "MaxAttempts": 99_999_999}]);
    check(json!({"A": task(99_999_999, many, "B"), "B": end}), Some(u64::MAX));
    // The longer of two ways, and the way of a Catch.
    let caught = json!({"Type": "Task", "TimeoutSeconds": 5, "End": true,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]});
    check(json!({"A": caught, "B": {"Type": "Wait", "Seconds": 9, "End": true}}), Some(14));
    let choice = json!({"Type": "Choice", "Choices": [{"Next": "B"}], "Default": "C"});
    let wait = |seconds: u64| json!({"Type": "Wait", "Seconds": seconds, "End": true});
    check(json!({"A": choice, "B": wait(3), "C": wait(8)}), Some(8));
    // Branches run side by side; rounds of a Map, where the list is known, one by one.
    let parallel = json!({"Type": "Parallel", "End": true,
        "Branches": [machine(json!({"A": wait(3)})), machine(json!({"A": wait(8)}))]});
    check(json!({"A": parallel}), Some(8));
    let map = |items: Value| {
        json!({"A": {"Type": "Map", "End": true, "Items": items, "MaxConcurrency": 2,
            "ItemProcessor": machine(json!({"A": wait(4)}))}})
    };
    check(map(json!([1, 2, 3])), Some(8));
    check(map(json!("{% $states.input %}")), Some(4));
    // A loop that waits counts once: the machine's time ends it.
    let again = json!({"Type": "Wait", "Seconds": 9, "Next": "A"});
    let once = json!({"A": choice, "B": again, "C": wait(8)});
    check(once.clone(), Some(9));
    assert_eq!(most_transitions(&machine(once)), Some(2));
    let choice = json!({"Type": "Choice", "Choices": [{"Next": "B"}], "Default": "D"});
    let pass = json!({"Type": "Pass", "Next": "A"});
    let wait_first = json!({"Type": "Wait", "Seconds": 9, "Next": "C"});
    check(json!({"A": choice, "B": wait_first, "C": pass, "D": wait(8)}), Some(9));
    // A loop with two entrances: A, C, B, and the wait of 1,000 seconds.
    let entrances = json!({"Type": "Choice", "Choices": [{"Next": "B"}], "Default": "C"});
    let one = json!({"Type": "Choice", "Choices": [{"Next": "C"}], "Default": "D"});
    let other = json!({"Type": "Wait", "Seconds": 9, "Next": "B"});
    check(json!({"A": entrances, "B": one, "C": other, "D": wait(1_000)}), Some(1_009));
    // Other loops, and tasks without a time.
    check(json!({"A": {"Type": "Pass", "Next": "A"}}), None);
    check(json!({"A": {"Type": "Task", "End": true}}), None);
}

#[test]
fn the_good_machine_takes_what_it_should() {
    // Validate: 4 attempts of 20, waits 2 + 4 and 1. CoolDown: 30. Store: 4 attempts of 10, waits
    // 1 + 2 + 4. Enqueue: 3 attempts of 10, waits 1 + 2.
    assert_eq!(worst_case_seconds(&good()), Some(87 + 30 + 47 + 33));
}

#[test]
fn states_behind_attempts_are_not_entered_at_once() {
    #[track_caller]
    fn check(retry: Value, catch: Value, expected: u64) {
        let mut task = task(5, retry, "B");
        task["Catch"] = catch;
        let (end, pass) = (json!({"Type": "Succeed"}), json!({"Type": "Pass", "Next": "B"}));
        let further = json!({"Type": "Pass", "Next": "C"});
        let states = json!({"A": task, "B": end, "C": pass, "D": further});
        assert_eq!(most_transitions(&machine(states)), Some(expected));
    }
    let catch = |errors: &[(&str, &str)]| {
        let each = errors.iter().map(|(error, to)| json!({"ErrorEquals": [error], "Next": to}));
        Value::from_iter(each)
    };
    let all = catch(&[("States.ALL", "D")]);
    check(json!([]), json!([]), 2);
    check(json!([]), all.clone(), 4);
    check(json!([{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]), all.clone(), 2);
    check(json!([{"ErrorEquals": ["States.ALL"]}]), all.clone(), 2);
    check(json!([{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]), all.clone(), 4);
    // An error without a retry goes to a catcher at once: the one that names it, or else the one for all errors.
    let retry = json!([
        {"ErrorEquals": ["X"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2},
    ]);
    check(retry.clone(), all, 4);
    check(retry.clone(), catch(&[("X", "C"), ("States.ALL", "D")]), 3);
    check(retry, catch(&[("Y", "C"), ("X", "D"), ("States.ALL", "C")]), 4);
    // `States.TaskFailed` does not match a timeout, and no wildcard matches the errors that end an execution.
    check(json!([{"ErrorEquals": ["States.TaskFailed"]}]), catch(&[("States.ALL", "D")]), 4);
    check(json!([{"ErrorEquals": ["States.TaskFailed"]}]), catch(&[("States.Timeout", "D")]), 4);
    check(json!([{"ErrorEquals": ["States.TaskFailed"]}]), catch(&[("X", "D")]), 2);
    let limit = catch(&[("States.DataLimitExceeded", "D")]);
    check(json!([{"ErrorEquals": ["States.ALL"]}]), limit, 4);
    // Errors that match no retrier.
    check(json!([{"ErrorEquals": ["X"]}]), catch(&[("X", "C"), ("States.ALL", "D")]), 4);
    check(json!([{"ErrorEquals": ["X"]}]), catch(&[("X", "C")]), 2);
}
