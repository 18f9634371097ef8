use std::collections::BTreeMap;

use serde_json::json;

use super::*;

const NOW: Now = Now { millis: 1_700_000_000_123 };

/// Starts a machine with these states at the state `A`.
fn start(states: Value, input: Value) -> (Execution, Next) {
    let machine = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": states});
    let machine = Machine::parse(&machine.to_string(), &BTreeMap::new());
    let machine = Arc::new(machine.unwrap_or_else(|problems| panic!("{problems}")));
    Execution::start(&machine, "arn:x:a", "a", input, NOW)
}

#[test]
fn states_without_a_task_run_at_once() {
    check(json!({"A": {"Type": "Succeed"}}), Ok(json!({"n": 2})));
    check(
        json!({"A": {"Type": "Succeed", "Output": {"a": "{% $states.input.n %}"}}}),
        Ok(json!({"a": 2})),
    );
    check(json!({"A": {"Type": "Pass", "End": true}}), Ok(json!({"n": 2})));
    check(
        json!({"A": {"Type": "Pass", "Output": [1, "{% $states.input.n %}"], "Next": "B"}, "B": {"Type": "Succeed"}}),
        Ok(json!([1, 2])),
    );
    check(
        json!({"A": {"Type": "Pass", "Output": "{% $states.input.m %}", "End": true}}),
        Err("States.QueryEvaluationError"),
    );
    check(json!({"A": {"Type": "Fail", "Error": "E"}}), Err("E"));
    check(
        json!({"A": {"Type": "Fail", "Error": "{% 'E' & $states.input.n %}", "Cause": "c"}}),
        Err("E2: c"),
    );
    check(
        json!({"A": {"Type": "Fail", "Error": "{% $states.input.n %}"}}),
        Err("States.QueryEvaluationError"),
    );
    check(
        json!({"A": {"Type": "Fail", "Error": "E", "Cause": "{% 1 %}"}}),
        Err("States.QueryEvaluationError"),
    );
    check(json!({"A": {"Type": "Pass", "Next": "A"}}), Err("States.Runtime"));
}

#[test]
fn the_first_true_rule_is_taken() {
    let choose = |rules: Value| {
        let output = "{% $states.context.State.Name %}";
        json!({
            "A": {"Type": "Choice", "Choices": rules, "Default": "C", "Output": "default"},
            "B": {"Type": "Succeed"},
            "C": {"Type": "Succeed", "Output": [output, "{% $states.input %}"]},
        })
    };
    check(
        choose(json!([{"Condition": "{% $states.input.n = 2 %}", "Next": "B"}])),
        Ok(json!({"n": 2})),
    );
    check(choose(json!([{"Condition": true, "Next": "B", "Output": 7}])), Ok(json!(7)));
    check(choose(json!([{"Condition": false, "Next": "B"}])), Ok(json!(["C", "default"])));
    check(
        choose(json!([
            {"Condition": "{% $states.input.n > 2 %}", "Next": "B", "Output": 1},
            {"Condition": "{% $states.input.n > 1 %}", "Next": "B", "Output": 2},
            {"Condition": "{% $states.input.n > 0 %}", "Next": "B", "Output": 3},
        ])),
        Ok(json!(2)),
    );
    check(
        choose(json!([{"Condition": "{% $states.input.n %}", "Next": "B"}])),
        Err("States.QueryEvaluationError"),
    );
    check(
        choose(json!([{"Condition": "{% $states.input.m %}", "Next": "B"}])),
        Err("States.QueryEvaluationError"),
    );
    check(
        json!({"A": {"Type": "Choice", "Choices": [{"Condition": false, "Next": "A"}]}}),
        Err("States.NoChoiceMatched"),
    );
}

/// Checks the end of an execution. An expected error is given by its name, or by its name and its cause.
fn check(states: Value, expected: Result<Value, &str>) {
    let (execution, next) = start(states.clone(), json!({"n": 2}));
    assert_eq!(execution.awaits(), Awaits::Nothing);
    match (next, expected) {
        (Next::Succeeded(output), Ok(expected)) => assert_eq!(output, expected, "{states}"),
        (Next::Failed(failure), Err(expected)) => {
            assert!(
                failure.error == expected || failure.to_string() == expected,
                "{states}: {failure}"
            );
        }
        (next, expected) => panic!("{states}: {next:?}, not {expected:?}"),
    }
}

#[test]
fn a_wait_takes_its_seconds() {
    let wait = |seconds: Value| {
        let output = "{% $string($states.input.s) & $now() %}";
        start(
            json!({"A": {"Type": "Wait", "Seconds": seconds, "Output": output, "End": true}}),
            json!({"s": 90}),
        )
    };
    for seconds in [json!(90), json!("{% $states.input.s %}")] {
        let (mut execution, next) = wait(seconds);
        let Next::Wait(it) = next else { panic!("{next:?}") };
        assert_eq!(it.choose(|_| panic!("it has no jitter")), Duration::from_secs(90));
        let next = execution.woke(NOW + it.longest());
        assert_eq!(next, Ok(Next::Succeeded(json!("902023-11-14T22:14:50.123Z"))));
    }
    for seconds in ["{% 'x' %}", "{% -1 %}", "{% 1.5 %}", "{% 1e8 %}", "{% $states.input.t %}"] {
        let (_, next) = wait(json!(seconds));
        assert!(matches!(next, Next::Failed(it) if it.error == "States.QueryEvaluationError"));
    }
}

/// A machine with a Task state with these additional fields, and a state for its errors.
fn task(fields: Value) -> Value {
    let mut states = json!({
        "A": {"Type": "Task", "Resource": "r", "Arguments": "{% $states.input.n %}", "End": true},
        "B": {"Type": "Succeed", "Output": {"B": "{% $states.input %}"}},
    });
    for (name, field) in fields.as_object().expect("an object") {
        states["A"][name] = field.clone();
    }
    states
}

#[test]
fn a_result_is_the_output() {
    for (fields, expected) in [
        (json!({}), json!({"r": [1.0]})),
        (json!({"Output": "{% $states.result.r %}"}), json!([1])),
        (json!({"Output": {"n": "{% $states.input.n %}", "x": 1}}), json!({"n": 2, "x": 1})),
    ] {
        let (mut execution, next) = start(task(fields), json!({"n": 2}));
        let Next::Task(it) = next else { panic!("{next:?}") };
        assert_eq!((&*it.state, &*it.resource, it.arguments, it.retries), ("A", "r", json!(2), 0));
        assert_eq!(it.timeout, Duration::from_secs(99_999_999));
        let next = execution.task_succeeded(json!({"r": [1.0]}), NOW);
        assert_eq!(next, Ok(Next::Succeeded(expected)));
    }
}

#[test]
fn errors_are_caught() {
    let output = json!({"e": "{% $states.errorOutput %}", "n": "{% $states.input.n %}"});
    let caught = |errors: &str, error: Failure| {
        let catch = json!([
            {"ErrorEquals": [errors], "Next": "B", "Output": output},
            {"ErrorEquals": ["Plain"], "Next": "B"},
            {"ErrorEquals": ["Broken"], "Next": "B", "Output": "{% $states.input.m %}"},
        ]);
        let (mut execution, next) = start(task(json!({"Catch": catch})), json!({"n": 2}));
        assert!(matches!(next, Next::Task(_)));
        execution.task_failed(error, NOW).expect("a task is awaited")
    };
    let both = |error: Value| Next::Succeeded(json!({"B": {"e": error, "n": 2}}));
    let e = || Failure::new("E", "c");
    assert_eq!(caught("E", e()), both(json!({"Error": "E", "Cause": "c"})));
    assert_eq!(caught("States.TaskFailed", e()), both(json!({"Error": "E", "Cause": "c"})));
    assert_eq!(
        caught("States.Timeout", Failure::timeout()),
        both(json!({"Error": "States.Timeout"}))
    );
    assert_eq!(caught("States.TaskFailed", Failure::timeout()), Next::Failed(Failure::timeout()));
    assert_eq!(caught("F", e()), Next::Failed(e()));
    let plain = Failure::new("Plain", "c");
    assert_eq!(caught("E", plain), Next::Succeeded(json!({"B": {"Error": "Plain", "Cause": "c"}})));
    let next = caught("E", Failure::new("Broken", "c"));
    let Next::Failed(failure) = next else { panic!("{next:?}") };
    assert_eq!(failure.error, "States.QueryEvaluationError");
    assert!(failure.to_string().contains("for the field 'Catch[2]/Output' returned nothing"));
}

/// `Retry` and `Catch` handle errors of expressions like any other error.
#[test]
fn a_failed_expression_is_retried_and_caught() {
    let all = json!([{"ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 1}]);
    let catch = json!([{"ErrorEquals": ["States.ALL"], "Next": "B", "Output": "{% $states.errorOutput.Error %}"}]);
    let states = task(json!({"Retry": all, "Catch": catch, "Output": "{% $states.result.r %}"}));
    let end = Next::Succeeded(json!({"B": "States.QueryEvaluationError"}));
    // An error in the arguments: no task is requested.
    let (mut execution, next) = start(states.clone(), json!({}));
    assert!(matches!(next, Next::Wait(_)));
    assert_eq!(execution.woke(NOW), Ok(end.clone()));
    // An error in the output: the task runs again.
    let (mut execution, _task) = start(states, json!({"n": 2}));
    assert!(matches!(execution.task_succeeded(json!({}), NOW), Ok(Next::Wait(_))));
    assert!(matches!(execution.woke(NOW), Ok(Next::Task(it)) if it.retries == 1));
    assert_eq!(execution.task_succeeded(json!({}), NOW), Ok(end));
}

/// `Retry` and `Catch` for everything.
fn for_all() -> Value {
    json!({
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}],
        "Catch": [
            {"ErrorEquals": ["States.TaskFailed"], "Next": "B"},
            {"ErrorEquals": ["States.ALL"], "Next": "B"},
        ],
    })
}

/// An argument that an integration does not accept ends the execution: nothing retries or catches this error.
#[test]
fn an_unknown_argument_ends_the_execution() {
    let ended = |resource: &str, arguments: &str, input: Value| {
        let mut states = task(for_all());
        states["A"]["Resource"] = json!(format!("arn:aws:states:::{resource}"));
        states["A"]["Arguments"] = json!(format!("{{% {arguments} %}}"));
        match start(states, input).1 {
            Next::Task(_) => String::new(),
            Next::Failed(failure) => failure.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let put = "{'TableName': 't', 'Item': {'a': $states.input}}";
    assert_eq!(ended("dynamodb:putItem", put, json!({"NULL": true})), "");
    assert_eq!(
        ended("dynamodb:putItem", put, json!({"Nul": true})),
        "States.Runtime: An error occurred while executing the state 'A'. `Item.a` has `Nul`, but the integration \
         takes B, BOOL, BS, L, M, N, NS, NULL, S, SS"
    );
    let transact = format!("{{'TransactItems': [{{'Put': {put}}}]}}");
    assert_eq!(ended("aws-sdk:dynamodb:transactWriteItems", &transact, json!({"Nul": true})), "");
    let found = ended("aws-sdk:dynamodb:transactWriteItems", &transact, json!({"NULL": true}));
    assert!(found.starts_with("States.Runtime: "), "{found}");
    assert!(found.contains("`TransactItems[0].Put.Item.a` has `NULL`"), "{found}");
    let found = ended("lambda:invoke", "{'FunctionName': 'f', 'payload': 1}", json!(1));
    assert!(found.starts_with("States.Runtime: "), "{found}");
}

/// A payload has up to 262,144 bytes. The error of a larger one is caught only by its own name.
#[test]
fn a_payload_has_a_limit() {
    let text = |bytes: usize| json!("ä".repeat((bytes - 2) / 2));
    let over = |next: &Next| match next {
        Next::Failed(failure) => assert_eq!(failure.error, "States.DataLimitExceeded"),
        other => panic!("{other:?}"),
    };
    // The arguments.
    let (_, next) = start(task(for_all()), json!({"n": text(262_144)}));
    assert!(matches!(next, Next::Task(_)));
    over(&start(task(for_all()), json!({"n": text(262_146)})).1);
    // The result, and an output that contains it.
    for (fields, result) in [
        (for_all(), text(262_146)),
        (
            {
                let mut fields = for_all();
                fields["Output"] = json!(["{% $states.result %}"]);
                fields
            },
            text(262_144),
        ),
    ] {
        let (mut execution, _task) = start(task(fields), json!({"n": 1}));
        over(&execution.task_succeeded(result, NOW).expect("a task is awaited"));
    }
    // The output of another state.
    let twice = json!({"A": {"Type": "Pass", "Output": ["{% $states.input %}"], "End": true}});
    over(&start(twice, text(262_144)).1);
    let catch = json!([{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "B"}]);
    let (_, next) = start(task(json!({"Catch": catch})), json!({"n": text(262_146)}));
    assert!(matches!(next, Next::Succeeded(_)), "{next:?}");
}

/// The retries are counted anew each time the state is entered, and the context shows the count.
#[test]
fn retries_are_counted_from_the_entry() {
    let states = json!({
        "A": {
            "Type": "Task", "Resource": "r", "End": true,
            "Arguments": "{% [$states.context.State.RetryCount, $states.context.State.EnteredTime] %}",
            "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1, "JitterStrategy": "FULL"}, {"ErrorEquals": ["F"]}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}],
        },
        "B": {"Type": "Pass", "Next": "A"},
    });
    let (mut execution, mut next) = start(states, json!({}));
    let (mut now, mut seen) = (NOW, Vec::new());
    for error in ["E", "F", "E", "E", "F", "F", "F", "F"] {
        let Next::Task(task) = next else { panic!("{next:?}") };
        seen.push(task.arguments);
        next = execution.task_failed(Failure::new(error, ""), now).expect("a task is awaited");
        if let Next::Wait(wait) = next {
            now = now + wait.choose(|_| Duration::ZERO);
            next = execution.woke(now).expect("a delay is awaited");
        }
    }
    let (first, second, third) =
        ("2023-11-14T22:13:20.123Z", "2023-11-14T22:13:21.123Z", "2023-11-14T22:13:28.123Z");
    assert_eq!(seen[..3], [json!([0, first]), json!([1, first]), json!([2, first])]);
    assert_eq!(seen[3..], [0, 1, 2, 3, 4].map(|it| json!([it, second])));
    assert!(matches!(next, Next::Task(task) if task.arguments == json!([0, third])));
}

#[test]
fn threads_can_share_a_machine() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Machine>();
    is_shared::<Execution>();
}

#[test]
fn an_unexpected_report_is_an_error() {
    let (mut execution, _task) =
        start(task(json!({"Retry": [{"ErrorEquals": ["E"]}]})), json!({"n": 2}));
    let told = |awaits| Err(OutOfTurn { awaits });
    assert_eq!(execution.woke(NOW), told(Awaits::Task));
    assert!(matches!(execution.task_failed(Failure::new("E", ""), NOW), Ok(Next::Wait(_))));
    assert_eq!(execution.task_succeeded(json!(1), NOW), told(Awaits::Retry));
    assert_eq!(execution.task_failed(Failure::timeout(), NOW), told(Awaits::Retry));
    assert!(matches!(execution.woke(NOW), Ok(Next::Task(_))));
    assert!(matches!(execution.task_succeeded(json!(1), NOW), Ok(Next::Succeeded(_))));
    assert_eq!(execution.woke(NOW), told(Awaits::Nothing));
    assert_eq!(execution.task_succeeded(json!(1), NOW), told(Awaits::Nothing));
}

/// A failed task runs again, with all of its attempts. A Fail state fails again.
#[test]
fn a_redrive_begins_the_failed_state_anew() {
    let task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": "f", "Payload": "{% $states.input.n %}"},
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}], "End": true,
    });
    let (mut execution, _) = start(json!({"A": task}), json!({"n": 2}));
    for _ in 0..2 {
        let waits = execution.task_failed(Failure::timeout(), NOW).unwrap();
        assert!(matches!(waits, Next::Wait(_)), "{waits:?}");
        let _ = execution.woke(NOW).unwrap();
        let failed = execution.task_failed(Failure::timeout(), NOW).unwrap();
        assert_eq!(failed, Next::Failed(Failure::timeout()));
        let Next::Task(task) = execution.redrive(NOW).unwrap() else { panic!("it runs again") };
        assert_eq!((&task.arguments["Payload"], task.retries), (&json!(2), 0));
        assert!(execution.redrive(NOW).is_err(), "it runs");
    }
    execution.stop();
    assert!(matches!(execution.redrive(NOW), Ok(Next::Task(_))));
    let (mut execution, failed) = start(json!({"A": {"Type": "Fail", "Error": "E"}}), json!({}));
    assert_eq!(execution.redrive(NOW).unwrap(), failed);
}

#[test]
fn the_ways_that_were_taken_have_names() {
    let catches = |error: &str| json!({"ErrorEquals": [error], "Next": "B"});
    let states = json!({
        "A": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "f", "Payload": 1},
            "Catch": [catches("E"), catches("States.ALL")], "End": true,
        },
        "B": {
            "Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "D"}], "Default": "C",
        },
        "C": {"Type": "Succeed"},
        "D": {"Type": "Succeed"},
    });
    let (mut execution, _) = start(states, json!({}));
    let _ = execution.task_failed(Failure::timeout(), NOW).unwrap();
    let ways = execution.machine.ways().iter().enumerate();
    let (taken, not): (Vec<_>, Vec<_>) =
        ways.partition(|(bit, _)| execution.ways() >> bit & 1 == 1);
    let names =
        |of: Vec<(usize, &String)>| of.into_iter().map(|(_, it)| it.clone()).collect::<Vec<_>>();
    assert_eq!(names(taken), ["A", "A catches States.ALL -> B", "B", "B default -> C", "C"]);
    assert_eq!(names(not), ["A catches E -> B", "B rule 0 -> D", "D"]);
}

/// A way that is taken twice stays marked as taken, and each rule is a separate way.
#[test]
fn each_rule_is_a_way() {
    let rule = |input: u64, next: &str| json!({"Condition": format!("{{% $states.input = {input} %}}"), "Next": next});
    let states = json!({
        "A": {"Type": "Choice", "Choices": [rule(1, "B"), rule(2, "B"), rule(3, "C")]},
        "B": {"Type": "Pass", "Output": "{% $states.input + 2 %}", "Next": "A"},
        "C": {"Type": "Succeed"},
    });
    let (execution, _) = start(states, json!(1));
    let ways = execution.machine.ways().iter().enumerate();
    let not = ways.filter(|(bit, _)| execution.ways() >> bit & 1 == 0).map(|(_, it)| it);
    assert_eq!(not.collect::<Vec<_>>(), ["A rule 1 -> B"]);
}

#[test]
fn take_ways_clears_the_ways() {
    let states = json!({
        "A": {"Type": "Wait", "Seconds": 1, "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"},
    });
    let (mut execution, _) = start(states, json!({}));
    let names = execution.machine.ways().to_vec();
    let mut took = || {
        let ways = execution.take_ways();
        assert_eq!(execution.ways(), 0);
        let _ = execution.woke(NOW).unwrap();
        let taken = names.iter().enumerate().filter(|(bit, _)| ways >> bit & 1 == 1);
        taken.map(|(_, it)| it.as_str()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(took(), "A");
    assert_eq!(took(), "A, B, B default -> A");
    assert_eq!(took(), "A, B, B default -> A");
}

#[test]
fn every_awaited_event_has_a_description() {
    let all = [Awaits::Task, Awaits::Retry, Awaits::Wait, Awaits::Nothing];
    let said = all.map(|awaits| OutOfTurn { awaits }.to_string());
    let words = ["the end of a task", "retries a task", "Wait state", "has ended"];
    for (said, word) in said.iter().zip(words) {
        assert!(said.starts_with("the execution ") && said.contains(word), "{said}");
    }
}
