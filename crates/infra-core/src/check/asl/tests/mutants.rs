//! One change, one rule.

use serde_json::{Value, json};

use super::{ADDRESS, check, good};

/// Each mutant: its name, the change, and the only rule that must find it.
type Mutant = (&'static str, fn(&mut Value), &'static str);

fn put(machine: &mut Value, pointer: &str, value: Value) {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer has a slash");
    let parent = machine.pointer_mut(parent).expect("the good machine has it");
    match parent {
        Value::Array(items) => items[field.parse::<usize>().expect("an index")] = value,
        object => object[field] = value,
    }
}

fn cut(machine: &mut Value, pointer: &str, field: &str) {
    let object = machine.pointer_mut(pointer).and_then(Value::as_object_mut);
    object.and_then(|it| it.remove(field)).expect("the good machine has it");
}

fn states(machine: &mut Value) -> &mut serde_json::Map<String, Value> {
    machine["States"].as_object_mut().expect("the good machine has states")
}

const VALIDATE: &str = "/States/Validate";
const STORE: &str = "/States/Store";
const ENQUEUE: &str = "/States/FanOut/Branches/0/States/Enqueue";
const MAP: &str = "/States/FanOut/Branches/1/States/EachItem";

#[rustfmt::skip]
const MUTANTS: &[Mutant] = &[
    // The schema.
    ("JSONPath", |it| put(it, "/QueryLanguage", json!("JSONPath")), "asl/schema"),
    ("no query language", |it| cut(it, "", "QueryLanguage"), "asl/schema"),
    ("no states", |it| put(it, "/States", json!({})), "asl/schema"),
    ("a state that is none", |it| put(it, "/States/Lost", json!(1)), "asl/schema"),
    ("unknown top field", |it| put(it, "/Timeout", json!(1)), "asl/schema"),
    ("InputPath", |it| put(it, "/States/Store/InputPath", json!("$")), "asl/schema"),
    ("ResultSelector", |it| put(it, "/States/Store/ResultSelector", json!({})), "asl/schema"),
    ("Pass with Result", |it| put(it, "/States/Shape/Result", json!({})), "asl/schema"),
    ("Task without Resource", |it| cut(it, STORE, "Resource"), "asl/schema"),
    ("Map without processor", |it| cut(it, MAP, "ItemProcessor"), "asl/schema"),
    ("Map with Iterator", |it| put(it, "/States/FanOut/Branches/1/States/EachItem/Iterator", json!({})), "asl/schema"),
    ("distributed without type", |it| put(it, "/States/FanOut/Branches/1/States/EachItem/ItemProcessor/ProcessorConfig/Mode", json!("DISTRIBUTED")), "asl/schema"),
    ("Wait for two things", |it| put(it, "/States/CoolDown/Timestamp", json!("2030-01-01T00:00:00Z")), "asl/schema"),
    ("Wait for nothing", |it| cut(it, "/States/CoolDown", "Seconds"), "asl/schema"),
    ("Choice with Next", |it| put(it, "/States/HowBig/Next", json!("Shape")), "asl/schema"),
    ("Choice without choices", |it| put(it, "/States/HowBig/Choices", json!([])), "asl/unreachable schema"),
    ("retry without errors", |it| cut(it, "/States/Store/Retry/0", "ErrorEquals"), "asl/schema"),
    ("time-out of 0", |it| put(it, "/States/Store/TimeoutSeconds", json!(0)), "asl/schema"),
    ("End that is false", |it| put(it, "/States/FanOut/Branches/0/States/Enqueue/End", json!(false)), "asl/schema"),
    // Service integrations.
    ("a service that is not known", |it| put(it, "/States/Store/Resource", json!("arn:aws:states:::sns:publish")), "asl/integration"),
    ("a resource that is none", |it| put(it, "/States/Store/Resource", json!("dynamodb:putItem")), "asl/integration"),
    ("a member of the SDK's", |it| put(it, "/States/Store/Arguments/Item/status", json!({"Nul": true})), "asl/integration"),
    ("a member that is none", |it| put(it, "/States/Store/Arguments/Item/status", json!({"s": "x"})), "asl/integration"),
    ("no item", |it| cut(it, "/States/Store/Arguments", "Item"), "asl/integration"),
    ("a parameter of another API", |it| put(it, "/States/Validate/Arguments", json!({"FunctionName": "f", "payload": {}})), "asl/integration"),
    ("a number as text", |it| put(it, "/States/FanOut/Branches/0/States/Enqueue/Arguments/DelaySeconds", json!("1")), "asl/integration"),
    // The graph.
    ("start nowhere", |it| put(it, "/StartAt", json!("Valdate")), "asl/start-at"),
    ("branch starts nowhere", |it| put(it, "/States/FanOut/Branches/0/StartAt", json!("X")), "asl/start-at"),
    ("Next nowhere", |it| put(it, "/States/Shape/Next", json!("Stoer")), "asl/unknown-next"),
    ("Default nowhere", |it| put(it, "/States/HowBig/Default", json!("Shap")), "asl/unknown-next"),
    ("Choice nowhere", |it| put(it, "/States/HowBig/Choices/0/Next", json!("X")), "asl/unknown-next"),
    ("Catch nowhere", |it| put(it, "/States/Validate/Catch/0/Next", json!("X")), "asl/unknown-next"),
    ("out of a branch", |it| put(it, "/States/FanOut/Branches/0/States/Enqueue/Catch/0/Next", json!("Failed")), "asl/unknown-next"),
    ("no state leads there", |it| put(it, "/States/Lost", json!({"Type": "Succeed"})), "asl/unreachable"),
    ("no state leads there, in a branch", |it| put(it, "/States/FanOut/Branches/1/States/Lost", json!({"Type": "Succeed"})), "asl/unreachable"),
    ("round without an end", |it| {
        put(it, "/States/Shape/Next", json!("Shape"));
    }, "asl/no-end"),
    ("machine without an end", |it| {
        put(it, "/States", json!({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}));
        put(it, "/StartAt", json!("A"));
    }, "asl/no-end"),
    ("round with an end", |it| put(it, "/States/Shape/Next", json!("HowBig")), "asl/loop"),
    ("round of many events", |it| {
        put(it, "/States/CoolDown/Next", json!("HowBig"));
        put(it, "/TimeoutSeconds", json!(187_470));
    }, "asl/loop"),
    ("round that waits for no known time", |it| {
        put(it, "/States/CoolDown/Next", json!("HowBig"));
        put(it, "/States/CoolDown/Seconds", json!("{% 30 %}"));
    }, "asl/loop"),
    ("round that does not wait", |it| {
        put(it, "/States/CoolDown/Next", json!("HowBig"));
        put(it, "/States/CoolDown/Seconds", json!(0));
    }, "asl/loop"),
    ("round over a list of any length", |it| put(it, "/States/FanOut/Catch/0/Next", json!("CoolDown")), "asl/loop"),
    ("back by Catch", |it| put(it, "/States/Store/Catch/0/Next", json!("Validate")), "asl/loop"),
    ("no way on", |it| cut(it, "/States/Shape", "Next"), "asl/missing-end"),
    ("no way on, in a Map", |it| cut(it, "/States/FanOut/Branches/1/States/EachItem/ItemProcessor/States/CountItem", "End"), "asl/missing-end"),
    ("both ways on", |it| put(it, "/States/Shape/End", json!(true)), "asl/missing-end"),
    ("Fail with a next state", |it| put(it, "/States/Failed/Next", json!("Store")), "asl/fail-after"),
    ("Succeed ends", |it| put(it, "/States/Stored/End", json!(true)), "asl/fail-after"),
    // Names.
    ("long name", |it| {
        let name = "N".repeat(81);
        put(it, "/States/CoolDown/Next", json!(name));
        states(it).insert(name, json!({"Type": "Pass", "Next": "Shape"}));
    }, "asl/state-name"),
    ("name twice", |it| {
        put(it, "/States/FanOut/Branches/1/StartAt", json!("Stored"));
        put(it, "/States/FanOut/Branches/1/States", json!({"Stored": {"Type": "Succeed"}}));
    }, "asl/state-name"),
    ("unknown States error", |it| put(it, "/States/Validate/Retry/1/ErrorEquals/1", json!("States.TimeOut")), "asl/error-name"),
    ("unknown States error caught", |it| put(it, "/States/Validate/Catch/0/ErrorEquals/0", json!("States.Invalid")), "asl/error-name"),
    ("States error raised", |it| put(it, "/States/Failed/Error", json!("States.OrderFailed")), "asl/error-name"),
    // Tasks.
    ("no time-out", |it| cut(it, STORE, "TimeoutSeconds"), "asl/task-timeout"),
    ("time-out of a run", |it| put(it, "/States/Store/TimeoutSeconds", json!("{% 5 %}")), "asl/task-timeout"),
    ("slow heartbeat", |it| put(it, "/States/Validate/HeartbeatSeconds", json!(20)), "asl/task-timeout"),
    ("no retry", |it| cut(it, STORE, "Retry"), "asl/task-retry"),
    ("no retry, in a branch", |it| put(it, "/States/FanOut/Branches/0/States/Enqueue/Retry", json!([])), "asl/task-retry"),
    ("some errors have no route", |it| put(it, "/States/Store/Catch/0/ErrorEquals/0", json!("States.Timeout")), "asl/task-catch"),
    ("a canceled transaction that ends well", |it| put(it, "/States/Validate/Catch/0/ErrorEquals/0", json!("DynamoDb.TransactionCanceledException")), "asl/canceled-transaction"),
    ("no catch", |it| cut(it, VALIDATE, "Catch"), "asl/task-catch unreachable"),
    ("no catch, in a branch", |it| { put(it, "/States/FanOut/Branches/0/States/NotSent", json!({"Type": "Succeed"})); cut(it, ENQUEUE, "End"); put(it, "/States/FanOut/Branches/0/States/Enqueue/Next", json!("NotSent")); cut(it, ENQUEUE, "Catch"); }, "asl/task-catch"),
    // Retries.
    ("all first", |it| it["States"]["Validate"]["Retry"].as_array_mut().expect("a list").swap(1, 2), "asl/retry-order"),
    ("all not alone", |it| put(it, "/States/Store/Retry/0/ErrorEquals", json!(["A", "States.ALL"])), "asl/retry-order"),
    ("retried twice", |it| put(it, "/States/Validate/Retry/1/ErrorEquals/0", json!("OrderInvalid")), "asl/retry-order"),
    ("dead behind TaskFailed", |it| put(it, "/States/Validate/Retry/0/ErrorEquals/0", json!("States.TaskFailed")), "asl/retry-order"),
    ("caught after all", |it| it["States"]["Validate"]["Catch"].as_array_mut().expect("a list").swap(0, 1), "asl/catch-order"),
    ("caught twice", |it| put(it, "/States/Validate/Catch/0/ErrorEquals", json!(["A", "A"])), "asl/catch-order"),
    ("attempts below 0", |it| put(it, "/States/Store/Retry/0/MaxAttempts", json!(-1)), "asl/retry-limits"),
    ("too many attempts", |it| put(it, "/States/Store/Retry/0/MaxAttempts", json!(100_000_000)), "asl/retry-limits chain"),
    ("interval of 0", |it| put(it, "/States/Store/Retry/0/IntervalSeconds", json!(0)), "asl/retry-limits"),
    ("shrinking waits", |it| put(it, "/States/Store/Retry/0/BackoffRate", json!(0.5)), "asl/retry-limits"),
    ("longest wait too short", |it| put(it, "/States/Store/Retry/0/MaxDelaySeconds", json!(1)), "asl/retry-limits"),
    ("longest wait too long", |it| put(it, "/States/Store/Retry/0/MaxDelaySeconds", json!(31_622_401)), "asl/retry-limits"),
    ("odd jitter", |it| put(it, "/States/Store/Retry/0/JitterStrategy", json!("HALF")), "asl/retry-limits"),
    ("no jitter", |it| cut(it, "/States/Store/Retry/0", "JitterStrategy"), "asl/retry-jitter"),
    ("jitter off", |it| put(it, "/States/Store/Retry/0/JitterStrategy", json!("NONE")), "asl/retry-jitter"),
    // Time.
    ("no time-out of the machine", |it| cut(it, "", "TimeoutSeconds"), "asl/machine-timeout"),
    ("machine too short", |it| put(it, "/TimeoutSeconds", json!(60)), "asl/timeout-chain"),
    ("task too long", |it| put(it, "/States/Store/TimeoutSeconds", json!(1000)), "asl/timeout-chain"),
    ("retries too long", |it| put(it, "/States/FanOut/Branches/0/States/Enqueue/Retry/0/MaxAttempts", json!(500)), "asl/timeout-chain"),
    // Expressions.
    ("not closed", |it| put(it, "/States/Validate/Output", json!("{% $states.result.Payload")), "asl/jsonata"),
    ("not opened", |it| put(it, "/States/Shape/Output/order", json!("$states.input %}")), "asl/jsonata"),
    ("spaces around", |it| put(it, "/States/Shape/Output/order", json!(" {% $states.input %}")), "asl/jsonata"),
    ("two in one", |it| put(it, "/States/Shape/Output/order", json!("{% 1 %} and {% 2 %}")), "asl/jsonata"),
    ("bracket open", |it| put(it, "/States/HowBig/Choices/0/Condition", json!("{% ($states.input.a > 1 %}")), "asl/jsonata"),
    ("quote open", |it| put(it, "/States/HowBig/Choices/0/Condition", json!("{% $states.input.a = 'x %}")), "asl/jsonata"),
    ("plain condition", |it| put(it, "/States/HowBig/Choices/0/Condition", json!("$states.input.a")), "asl/jsonata"),
    ("condition that is true", |it| put(it, "/States/HowBig/Choices/0/Condition", json!(true)), "asl/jsonata"),
    ("result in Arguments", |it| put(it, "/States/Store/Arguments/Item/a", json!({"S": "{% $states.result %}"})), "asl/jsonata"),
    ("result in a Pass", |it| put(it, "/States/Shape/Output/order", json!("{% $states.result %}")), "asl/jsonata"),
    ("result in a Catch", |it| put(it, "/States/Validate/Catch/0/Output/why", json!("{% $states.result %}")), "asl/jsonata"),
    ("error in Output", |it| put(it, "/States/Store/Output", json!("{% $states.errorOutput %}")), "asl/jsonata"),
    ("unknown field of states", |it| put(it, "/States/Shape/Output/order", json!("{% $states.inputs %}")), "asl/jsonata"),
    ("wait for a word", |it| put(it, "/States/CoolDown/Seconds", json!("soon")), "asl/jsonata"),
    // Size.
    ("too big", |it| put(it, "/Comment", json!("x".repeat(1_048_576))), "asl/size"),
];

/// A round that waits ends with the machine's time: 6,249 times two states, each entered and left.
#[test]
fn a_round_that_waits_is_let_through() {
    let mut machine = good();
    put(&mut machine, "/States/CoolDown/Next", json!("HowBig"));
    put(&mut machine, "/TimeoutSeconds", json!(187_469));
    assert_eq!(check(ADDRESS, &machine), []);
}

/// If a change necessarily breaks a second rule, the end of that rule's name follows the first.
#[test]
fn each_mutant_is_refused_by_its_rule() {
    let wrong: Vec<String> = MUTANTS.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn wrong((name, change, rules): &Mutant) -> Option<String> {
    let mut machine = good();
    change(&mut machine);
    assert_ne!(machine, good(), "{name} changes nothing");
    let violations = check(ADDRESS, &machine);
    let (rule, also) = rules.split_once(' ').unwrap_or((rules, rules));
    let told = violations.iter().filter(|it| it.rule == rule).count();
    let others = violations.iter().filter(|it| it.rule != rule);
    let fits = told == 1 && others.clone().all(|it| it.rule.ends_with(also));
    let shown: Vec<_> = violations.iter().map(ToString::to_string).collect();
    (!fits).then(|| format!("{name}: not {rules} alone\n{}", shown.join("\n")))
}
