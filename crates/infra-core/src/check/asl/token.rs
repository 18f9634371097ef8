//! Checks that a transaction is repeated while DynamoDB still knows its token.
//!
//! A repeat with the same token within ten minutes changes nothing and succeeds. After that it is a new transaction: its
//! conditions fail on what the first one wrote, or it writes again.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use std::collections::BTreeMap;

use super::scope::{Report, Scope, State};

/// For how long DynamoDB knows a token, in seconds.
const KNOWN: u64 = 600;

pub(super) fn check(scope: &Scope<'_>, report: &mut Report<'_>) {
    for state in scope.states.iter().filter(|it| has_token(it)) {
        let Some(wait) = shortest_wait(scope, state) else { continue };
        if wait >= KNOWN {
            report.at(
                &state.place,
                "asl/token-window",
                format!(
                    "the state is repeated with the same `ClientRequestToken` after a wait of {wait} s, but DynamoDB knows \
                     a token for {KNOWN} s: a repeat whose first answer was lost would not be recognised"
                ),
                format!("wait less than {KNOWN} s"),
            );
        }
    }
}

fn has_token(state: &State<'_>) -> bool {
    state.body.get("Arguments").is_some_and(|it| it.get("ClientRequestToken").is_some())
}

/// The seconds of all Waits on the path from a state back to it that waits least. `None` if no path leads back.
fn shortest_wait(scope: &Scope<'_>, from: &State<'_>) -> Option<u64> {
    let mut waits: BTreeMap<&str, u64> = BTreeMap::new();
    let mut open: Vec<(&str, u64)> = from.ways().into_iter().map(|(_, to)| (to, 0)).collect();
    while let Some((name, before)) = open.pop() {
        if waits.get(name).is_some_and(|known| *known <= before) {
            continue;
        }
        waits.insert(name, before);
        let Some(state) = scope.state(name).filter(|_| name != from.name) else { continue };
        let wait = before.saturating_add(state.pause().unwrap_or(0));
        open.extend(state.ways().into_iter().map(|(_, to)| (to, wait)));
    }
    waits.get(from.name).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::asl::scope;

    /// A transaction that is repeated after one of two waits.
    fn machine(short: u64, long: u64) -> Value {
        let catch = |next: &str| json!({"ErrorEquals": [next], "Next": next});
        let wait = |seconds: u64| json!({"Type": "Wait", "Seconds": seconds, "Next": "Write"});
        json!({"StartAt": "Write", "States": {
            "Write": {"Type": "Task", "Arguments": {"ClientRequestToken": "{% $states.input.id %}"},
                "Catch": [catch("Short"), catch("Long")], "Next": "Done"},
            "Short": wait(short),
            "Long": wait(long),
            "Done": {"Type": "Succeed"},
        }})
    }

    #[test]
    fn a_transaction_is_repeated_while_its_token_is_known() {
        #[track_caller]
        fn check(document: &Value, expected: &[&str]) {
            let mut report = Report::new("m");
            scope::all(document).iter().for_each(|it| super::check(it, &mut report));
            let found = report.violations();
            assert!(found.iter().all(|it| it.rule == "asl/token-window"), "{found:?}");
            let found: Vec<_> = found.iter().map(|it| it.address.as_str()).collect();
            assert_eq!(found, expected, "{document}");
        }
        check(&machine(540, 9_000), &[]);
        check(&machine(599, 599), &[]);
        check(&machine(600, 601), &["m, state Write"]);
        let mut none = machine(600, 600);
        none["States"]["Write"]["Arguments"] = json!({});
        check(&none, &[]);
        let once = json!({"StartAt": "Write", "States": {
            "Write": {"Type": "Task", "Arguments": {"ClientRequestToken": "t"}, "Next": "Later"},
            "Later": {"Type": "Wait", "Seconds": 900, "End": true},
        }});
        check(&once, &[]);
    }
}
