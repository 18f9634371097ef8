//! Compares the simulation's DynamoDB with a second one: the same requests have the same answers.
//!
//! dynoxide is an emulator that passes a public conformance suite, which was recorded on AWS. The functions and the order
//! machine run with both, and both get every request: those of functions as the SDK writes them, those of the machine as its
//! states do. After some requests, a variation at a limit of DynamoDB follows. At the end of a sequence, both have the
//! same items. If the two differ, AWS's pages decide, and `accepted.json` has the difference with the reason and the page.
//!
//! - [`second`]: dynoxide, behind the HTTP client of the functions' SDK; [`wire`]: items in DynamoDB's JSON.
//! - [`both`]: the calls of functions and states, made to both and compared.
//! - [`sequence`]: random events for a few orders.
//! - [`stretch`]: variations of requests.
//! - [`finding`]: the differences, and the accepted ones.
//! - [`faults`]: mistakes of the simulated one, each of which must cause a finding.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::print_stdout, reason = "what was compared belongs to the test's output")]

mod both;
mod faults;
mod finding;
mod second;
mod sequence;
mod stretch;
mod wire;

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use simulation::facts::Facts;

use self::finding::{accepted, differences};

/// How many sequences are compared.
const SEQUENCES: u64 = 48;

#[test]
fn a_second_dynamodb_answers_as_the_simulated_one_does() {
    let facts = Facts::of_dev().unwrap();
    let (mut findings, mut calls, mut stretched) = (Vec::new(), BTreeMap::new(), 0);
    for seed in 0..SEQUENCES {
        let compared = sequence::run(&facts, seed, None);
        for (operation, count) in compared.calls {
            *calls.entry(operation).or_insert(0) += count;
        }
        stretched += compared.stretched;
        findings.extend(compared.findings);
    }
    let accepted = accepted();
    let (open, idle) = differences(&findings, &accepted);
    // One finding of each kind is enough.
    let open: BTreeMap<_, _> = open.iter().map(|it| (it.kind(), it)).collect();
    let requests: u32 = calls.values().sum();
    let _ = writeln!(
        io::stdout(),
        "measured: DynamoDB by dynoxide: {SEQUENCES} sequences of {requests} requests ({}), {stretched} of them at a \
         limit, {} differences outside the {} that are accepted",
        calls.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", "),
        open.len(),
        accepted.len(),
    );
    assert!(open.is_empty(), "not accepted: {:#?}", open.values());
    assert!(idle.is_empty(), "accepted, and no request shows it: {idle:#?}");
    for operation in ["GetItem", "PutItem", "UpdateItem", "TransactWriteItems", "Query"] {
        assert!(calls.get(operation).is_some_and(|it| *it > 30), "{operation}: {calls:?}");
    }
    // A state reads only after DynamoDB refused to record a failure.
    assert!(calls.get("GetItem by a state").is_some_and(|it| *it > 10), "{calls:?}");
    assert!(stretched > 500, "{stretched}");
}
