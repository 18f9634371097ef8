//! Faults of a machine, each of which must cause a finding: `asl` plays the machine without it, and sfnx the one with it.

use serde_json::{Value, json};

use super::{JUDGES, ask, order, order::remove, play::Document};
use crate::findings::{accepted, differences};

/// Its name, the expected difference, and how it changes the states.
type Fault = (&'static str, &'static str, fn(&mut Value));

const FAULTS: &[Fault] = &[
    ("a Next", "steps", |states| {
        states["WhoseRecord"]["Choices"][0]["Next"] = json!("OrderConflict");
    }),
    ("a state that nothing leads to", "machine", |states| {
        states["StoreOrder"]["Next"] = json!("Rejected");
    }),
    ("the Next of a catcher", "steps", |states| {
        states["RecordFailure"]["Catch"][1]["Next"] = json!("AlreadyDecided");
    }),
    ("catchers that are swapped", "steps", |states| {
        let catchers = states["StoreOrder"]["Catch"].as_array_mut().unwrap();
        let first = catchers[0]["Next"].take();
        catchers[0]["Next"] = catchers[1]["Next"].take();
        catchers[1]["Next"] = first;
    }),
    ("a catcher's Output without a field", "steps", |states| {
        remove(&mut states["StoreOrder"]["Catch"][1]["Output"], "validationStatus");
    }),
    ("a catcher without its Output", "steps", |states| {
        remove(&mut states["ValidateOrder"]["Catch"][0], "Output");
    }),
    ("the Output of a task", "output", |states| {
        states["StoreOrder"]["Output"] = json!("{% $states.result %}");
    }),
    ("the Output of a rule", "arguments Payload", |states| {
        states["ValidOrInvalid"]["Choices"][0]["Output"] = json!("{% $states.input %}");
    }),
    ("a Condition", "steps", |states| {
        states["WhyCanceled"]["Choices"][0]["Condition"] =
            json!("{% $contains($states.input.canceled, 'ThrottlingError') %}");
    }),
    ("whose record it is", "end", |states| {
        states["WhoseRecord"]["Choices"][1]["Condition"] = json!("{% true %}");
    }),
    ("the Output of a read", "steps", |states| {
        states["ReadRecord"]["Output"] = json!("{% {'input': {}, 'item': $states.result.Item} %}");
    }),
    ("MaxAttempts", "steps", |states| {
        states["ValidateOrder"]["Retry"][0]["MaxAttempts"] = json!(5);
    }),
    ("MaxAttempts of one error", "steps", |states| {
        states["RecordRejection"]["Retry"][0]["MaxAttempts"] = json!(1);
    }),
    ("the errors of a retrier", "steps", |states| {
        states["StoreOrder"]["Retry"][0]["ErrorEquals"] = json!(["OrderStorageRejected"]);
    }),
    ("Seconds", "seconds", |states| states["RecordFailureLater"]["Seconds"] = json!(60)),
    ("an argument", "arguments ClientRequestToken", |states| {
        states["RecordFailure"]["Arguments"]["ClientRequestToken"] =
            json!("{% $states.input.customerId %}");
    }),
    ("the moment of a record", "arguments TransactItems/1/Put/Item/failed_timestamp/S", |states| {
        let record = &mut states["RecordFailure"]["Arguments"]["TransactItems"][1]["Put"]["Item"];
        record["failed_timestamp"]["S"] = json!("{% $now() %}");
    }),
    ("a Cause", "cause", |states| {
        states["OrderFailed"]["Cause"] = json!("{% $states.input.error %}");
    }),
];

/// One of so many runs of a machine is enough to find a fault.
const EVERY: usize = 11;

#[test]
fn a_fault_in_a_machine_is_found() {
    let (sound, runs) = order::every("dev");
    let runs: Vec<_> = runs.into_iter().step_by(EVERY).collect();
    let faulty = |(name, _, fault): &Fault| {
        let mut document = Document { machine: (*name).to_owned(), ..sound.clone() };
        fault(&mut document.document["States"]);
        assert_ne!(document.document, sound.document, "{name}");
        (document, runs.iter().map(|it| it.of(name)).collect())
    };
    let said = ask("judges-asl-faults", &FAULTS.iter().map(faulty).collect::<Vec<_>>());
    let accepted = accepted(JUDGES);
    let (open, _) = differences(&said.findings, &accepted);
    for (name, issue, _) in FAULTS {
        let here = || open.iter().filter(|it| it.at(&format!("{name}: ")));
        assert!(here().any(|it| it.issue == *issue), "{name}: {:?}", here().next());
    }
}
