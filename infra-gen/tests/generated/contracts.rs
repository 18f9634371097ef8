//! Changes of data, each as two versions of a small stack: which change infra-gen refuses if the first version is
//! released, and which finding the review has.

mod versions;

use std::path::Path;

use infra_core::{
    contracts::{
        Contracts,
        released::{self, Release},
    },
    generate,
    ledger::{self, Ledger},
    model::Stack,
};
use infra_gen::{config::Environment, run::RELEASES, topology};
use infra_review::{Rule, cost::Orders};

use crate::kit;
use versions::*;

/// A release that is forgotten would leave data that no later version is compared with.
#[test]
fn the_newest_release_has_the_data_of_prod() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let releases = released::read(&repository, RELEASES).unwrap();
    let newest = releases.last().unwrap();
    let prod = topology::dofs(Environment::Prod);
    let prod = Contracts::of(&prod, Ledger::of(&prod));
    let comparison = released::compare(&newest.contracts, &prod);
    let fix = "run `cargo xtask release`, or `cargo xtask release --replace` if the newest release was not deployed yet";
    assert!(newest.contracts.has_same_types(&prod), "{fix}\n{comparison:#?}");
}

/// The data of a stack.
fn contracts(topology: Topology) -> Contracts {
    let stack = stack(topology);
    Contracts::of(&stack, Ledger::of(&stack))
}

fn stack(topology: Topology) -> Stack {
    let mut stack = kit::stack("dofs-test");
    topology(&mut stack);
    stack
}

fn release(number: usize, topology: Topology) -> Release {
    Release { folder: format!("{number:04}"), contracts: contracts(topology) }
}

/// The refusals of infra-gen: a line for each violation, with the rule, the address and the reason.
fn refused(releases: &[Topology], now: Topology) -> Vec<String> {
    let last = releases.last().unwrap();
    let all: Vec<_> = (1..).zip(releases).map(|(number, it)| release(number, *it)).collect();
    let mut found = released::check(&all, &contracts(now));
    let committed = Ledger::of(&stack(*last).finish()).text();
    let ledger = ledger::check("addresses.txt", &committed, &Ledger::of(&stack(now).finish()));
    found.extend(ledger.into_iter().filter(|it| it.address.ends_with(".aws_sqs_queue.orders")));
    let line = |it: &infra_core::check::Violation| {
        let (known, reason) = it.problem.rsplit_once(": ").unwrap_or(("", ""));
        let of = all.iter().map(|it| it.folder.as_str()).filter(|it| known.contains(it));
        let of: Vec<_> = of.collect();
        let (rule, address) = (it.rule, it.address.trim_start_matches("module.a.aws_"));
        [rule, address, &of.join(" "), reason].join(" | ").trim_end_matches(" | ").to_owned()
    };
    found.iter().map(line).collect()
}

/// The findings of a review: a line for each, with the severity, the rule, the address and the details. The order of
/// deployment is the last detail.
fn reviewed(before: Topology, after: Topology) -> Vec<String> {
    let files = |topology| generate::root(&stack(topology), "prod", None).files;
    let review = infra_review::review(&files(before), &files(after), Orders::DEFAULT).unwrap();
    let about_data = |rule: Rule| {
        use Rule::*;
        matches!(
            rule,
            ContractBroken | ContractChanged | DataLoss | FlowChanged | Replaced | Unjudged
        )
    };
    let findings = review.findings.into_iter().filter(|it| about_data(it.rule));
    let line = |it: infra_review::Finding| {
        let addresses = it.addresses.join(" ").replace("module.a.aws_", "");
        let (severity, rule) = (it.severity.as_str(), it.rule.as_str());
        [format!("{severity} {rule}"), addresses].into_iter().chain(it.details).collect::<Vec<_>>()
    };
    findings.map(line).map(|it| it.join(" | ")).collect()
}

/// Checks one change, with the first version as the only release.
#[track_caller]
fn check(before: Topology, after: Topology, expected: (&[&str], &[&str])) {
    let found = (refused(&[before], after), reviewed(before, after));
    assert_eq!(found.0, expected.0, "infra-gen");
    assert_eq!(found.1, expected.1, "review");
}

const READERS_FIRST: &str =
    "it takes two deployments: first the readers accept the new form, then the writers use it";
const OLD_FORM: &str =
    "let the new version read the old form, too, or deploy it when no such data is left";
const BOTH_FORMS: &str = "it takes two deployments: first the readers accept both forms, then the writers use the new one";

/// The rows of a table: the refusals of infra-gen, and the findings of the review.
type Rows<'a> = (&'a [&'a str], &'a [&'a str]);

/// Checks a change of the type of messages: why this version cannot read old ones, and the release cannot read new ones.
#[track_caller]
fn check_messages(
    before: Topology,
    after: Topology,
    old_data: Option<&str>,
    new_data: Option<&str>,
    order: &str,
) {
    let refusal = |(rule, reason): (&str, &str)| {
        format!("contract/{rule} | sqs_queue.orders: message | 0001 | {reason}")
    };
    let finding = |(_, reason): (&str, &str)| {
        format!("danger contract-broken | sqs_queue.orders | {reason} | {order}")
    };
    let old = old_data.map(|it| ("old-data", it));
    let new = new_data.map(|it| ("new-data", it));
    let refused: Vec<_> = new.into_iter().chain(old).map(refusal).collect();
    let reviewed: Vec<_> = old.into_iter().chain(new).map(finding).collect();
    let [refused, reviewed] =
        [&refused, &reviewed].map(|it| it.iter().map(String::as_str).collect());
    let (refused, reviewed): (Vec<_>, Vec<_>) = (refused, reviewed);
    check(before, after, (&refused, &reviewed));
}

#[test]
fn a_change_of_a_message_that_both_versions_read_is_accepted() {
    let first = messages::<first::Parcel>;
    let added = "notice contract-changed | sqs_queue.orders | the old version ignores `/city`";
    check(first, messages::<optional_added::Parcel>, (&[], &[added]));
    let left_out = "notice contract-changed | sqs_queue.orders";
    check(first, messages::<optional_left_out::Parcel>, (&[], &[left_out]));
    check(first, messages::<renamed_in_rust::Parcel>, (&[], &[]));
    check(first, first, (&[], &[]));
}

/// A field that got another name in Rust without `as` looks like this: the data has it, and no version reads it any more.
#[test]
fn a_field_is_not_lost_without_a_declaration() {
    let refused = "contract/ignored | sqs_queue.orders: message | 0001 | `/note` is ignored";
    let removed = "notice contract-changed | sqs_queue.orders | the new version ignores `/note`";
    check(
        messages::<first::Parcel>,
        messages::<optional_removed::Parcel>,
        (&[refused], &[removed]),
    );
}

/// First all readers accept data without the field, then the writers leave it out.
#[test]
fn a_required_field_is_removed_in_two_releases() {
    let first: Topology = messages::<first::Parcel>;
    let accepted: Topology = messages::<grams_may_be_missing::Parcel>;
    let removed: Topology = messages::<grams_are_missing::Parcel>;
    assert_eq!(refused(&[first], accepted), [""; 0]);
    assert_eq!(refused(&[first, accepted], removed), [""; 0]);
    assert_eq!(refused(&[first], removed).len(), 1);
}

#[test]
fn a_change_of_a_message_that_one_version_cannot_read_is_refused() {
    let first = messages::<first::Parcel>;
    let [city, grams, weight] =
        ["city", "grams", "weight"].map(|it| format!("`/{it}` is missing, but is required"));
    let bounds = |most: u32, limit: u32| {
        format!(
            "`/grams` may be at least 0 and at most {most}, but must be at least 0 and at most {limit}"
        )
    };
    let (widened, narrowed) = (bounds(u32::MAX, 65_535), bounds(65_535, 255));
    for (after, old_data, new_data, order) in [
        (messages::<required_added::Parcel> as Topology, Some(&*city), None, OLD_FORM),
        (messages::<removed::Parcel>, None, Some(&*grams), READERS_FIRST),
        (messages::<renamed::Parcel>, Some(&*weight), Some(&*grams), BOTH_FORMS),
        (messages::<widened::Parcel>, None, Some(&*widened), READERS_FIRST),
        (messages::<narrowed::Parcel>, Some(&*narrowed), None, OLD_FORM),
        (messages::<grown::Parcel>, None, Some("`/size` may be \"Huge\""), READERS_FIRST),
        (messages::<shrunk::Parcel>, Some("`/size` may be \"Large\""), None, OLD_FORM),
    ] {
        check_messages(first, after, old_data, new_data, order);
    }
}

/// A release whose readers refuse unknown fields, as release 0001 of DOFS.
#[test]
fn an_optional_field_is_refused_if_the_release_is_strict() {
    let unknown = Some("`/city` is refused as unknown");
    let (before, after) = (messages::<strict_first::Parcel>, messages::<optional_added::Parcel>);
    check_messages(before, after, None, unknown, READERS_FIRST);
}

#[test]
fn messages_of_a_queue_that_is_gone_are_lost() {
    let elsewhere = messages_elsewhere::<first::Parcel>;
    let lost = "danger data-loss | sqs_queue.orders | module.a.aws_sqs_queue.parcels looks like it: if it is the same \
                resource, declare the move";
    let [new, gone] =
        ["parcels", "orders"].map(|it| format!("notice contract-changed | sqs_queue.{it}"));
    let rows: Rows<'_> = (&["ledger/vanished | sqs_queue.orders"], &[lost, &new, &gone]);
    check(messages::<first::Parcel>, elsewhere, rows);
}

/// The attributes of an item do not show which of them is the key. Terraform replaces the table, which the review
/// reports.
#[test]
fn a_table_with_another_key_is_replaced() {
    let replaced = |to: &str| {
        format!(
            "danger replaced | dynamodb_table.orders | cannot be changed in place: `hash_key` parcel → {to}"
        )
    };
    let before = items::<by_parcel::Place>;
    check(before, items::<by_shelf::Place>, (&[], &[&replaced("shelf")]));
    let missing = "`/number` is missing, but is required";
    let refused = format!("contract/old-data | dynamodb_table.orders: item | 0001 | {missing}");
    let broken = format!("danger contract-broken | dynamodb_table.orders | {missing} | {OLD_FORM}");
    let rows: Rows<'_> = (&[&refused], &[&replaced("number"), &broken]);
    check(before, items::<by_number::Place>, rows);
}

/// An execution keeps its definition, and its data at each call keeps its type.
#[test]
fn a_new_state_breaks_no_contract() {
    let flow = [
        "warning flow-changed | sfn_state_machine.shipping",
        "notice flow-changed | sfn_state_machine.shipping/Pause",
    ];
    check(one_state, with_a_pause, (&[], &flow));
}

#[test]
fn a_function_that_is_split_stays_until_no_execution_calls_it() {
    let flow = [
        "warning flow-changed | sfn_state_machine.shipping",
        "warning flow-changed | sfn_state_machine.shipping/Label",
        "notice flow-changed | sfn_state_machine.shipping/Draw sfn_state_machine.shipping/Print",
    ];
    // The input and the output.
    let new = ["notice contract-changed | lambda_function.draw lambda_function.print"; 2];
    let log = "danger data-loss | cloudwatch_log_group.orders | module.a.aws_cloudwatch_log_group.draw looks like it: if \
               it is the same resource, declare the move";
    let gone = "danger contract-broken | lambda_function.orders";
    let no_output = "notice contract-changed | lambda_function.orders";
    let findings = [&[log, gone], &flow[..], &new, &[no_output]].concat();
    check(one_state, split, (&["contract/callee-gone | lambda_function.orders"], &findings));
    check(one_state, split_and_kept, (&[], &[&flow[..], &new].concat()));
}

#[test]
fn the_input_and_the_output_of_a_function_are_contracts() {
    let city = "`/city` is missing, but is required";
    let refused = format!("contract/old-data | lambda_function.orders: input | 0001 | {city}");
    let broken = format!("danger contract-broken | lambda_function.orders | {city} | {OLD_FORM}");
    check(calls::<Label>, calls::<LabelWithCity>, (&[&refused], &[&broken]));
    let grams = "`/grams` is missing, but is required";
    let refused = format!("contract/new-data | lambda_function.orders: output | 0001 | {grams}");
    let broken =
        format!("danger contract-broken | lambda_function.orders | {grams} | {READERS_FIRST}");
    check(calls::<Label>, calls::<LabelWithoutGrams>, (&[&refused], &[&broken]));
}

/// Each version reads the one before it, and yet the third one cannot read the first one.
#[test]
fn a_release_two_steps_back_counts() {
    let first: Topology = messages::<first::Parcel>;
    let without: Topology = messages::<optional_left_out::Parcel>;
    let number: Topology = messages::<note_is_a_number::Parcel>;
    for (before, after) in [(first, without), (without, number)] {
        assert!(refused(&[before], after).is_empty());
    }
    let found = refused(&[first, without], number);
    let expected = "contract/old-data | sqs_queue.orders: message | 0001 | `/note` may be string";
    assert_eq!(found, [expected]);
}
