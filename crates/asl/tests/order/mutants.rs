//! Mistakes in the machine, one at a time: a test here fails for each of them, or it is listed as no mistake.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Once},
};

use asl::Machine;
use serde_json::{Value, json};

use super::{committed, read, records, rounds, routes, whose};

/// Mistakes that change nothing, by a part of their names, and why.
const EQUIVALENT: &[(&str, &str)] = &[
    ("BackoffRate: removed", "2 is the default, on AWS and in the interpreter"),
    ("IntervalSeconds: removed", "1 is the default"),
    ("/ValidOrInvalid/Choices/0: swapped", "the validator's answer has one of the two"),
    ("totalAmount: removed", "a total that is absent is left out of the record, as null is"),
    ("/StoreOrder/Catch/0/Output", "OrderConflict reads nothing"),
    ("/RecordRejection/Catch/0/Output", "as above"),
    ("/WhoseRecord/Choices/2/Output", "as above"),
    ("/WhoseRecord/Choices/2/Condition: true", "it is"),
    ("/WhoseRecord/Choices/0: swapped", "what is absent is not the same"),
    ("/Catch/1/Output/canceled: ", "WhyCanceled alone reads it, behind the route that sets it"),
    ("/ValidateOrder/Catch/0/Output/canceled: ", "as above"),
    ("/RecordFailure/Retry/0/MaxDelaySeconds: ", "before the last attempt it waits 2 seconds"),
    ("/RecordRejection/Retry/1/MaxDelaySeconds: ", "as above"),
    ("/ReadRecord/Retry/0/MaxDelaySeconds: ", "as above"),
    ("/ReadRecord/Catch/0/Output/canceled: ", "WhyCanceled reads what the next round sets"),
    (
        "/RecordFailure/Catch/0/Output/canceled: ",
        "the reason that the pattern looks for is before the end of the text",
    ),
];

/// Tests with their names.
macro_rules! tests {
    ($($test:expr),* $(,)?) => { &[$((stringify!($test), $test)),*] };
}

/// The tests of a machine, in this order.
const TESTS: &[(&str, fn())] = tests![
    super::an_execution_has_a_day,
    super::a_good_order_is_stored,
    super::an_invalid_order_is_rejected,
    super::a_conflict_is_not_retried,
    super::an_order_that_cannot_be_stored_fails,
    super::an_error_without_a_cause_has_an_empty_one,
    super::an_attempt_that_succeeds_ends_the_retries,
    super::an_answer_that_is_neither_valid_nor_invalid_fails_the_execution,
    rounds::a_rejection_is_recorded_however_long_that_takes,
    records::a_rejected_order_is_recorded_whole,
    records::a_failed_order_is_recorded_whole_whichever_way_it_failed,
    rounds::a_failure_that_was_recorded_before_is_not_recorded_again,
    rounds::a_failure_is_recorded_however_long_that_takes,
    super::the_longest_cause_is_recorded,
    whose::another_orders_record_is_a_conflict,
    whose::another_orders_record_is_not_rejected,
    whose::a_record_that_is_gone_again_is_written_in_the_next_round,
    whose::a_record_that_cannot_be_read_is_read_in_the_next_round,
    routes::every_way_of_a_good_order_is_read_when_it_changes,
];

/// One change of the document.
#[derive(Debug, Clone)]
struct Mistake {
    /// Where, as a JSON pointer.
    at: String,
    edit: Edit,
    /// What, in words.
    what: String,
}

#[derive(Debug, Clone)]
enum Edit {
    Remove,
    /// With the one behind it.
    Swap,
    Replace(Value),
}

thread_local! {
    /// The machine with a mistake, which this thread tests instead of the committed one.
    static MADE: RefCell<Option<Arc<Machine>>> = const { RefCell::new(None) };
}

/// The machine with a mistake, while this thread tests one.
pub(super) fn machine() -> Option<Arc<Machine>> {
    MADE.with_borrow(Clone::clone)
}

impl Mistake {
    fn name(&self) -> String {
        format!("{}: {}", self.at.trim_start_matches("/States"), self.what)
    }

    fn make(&self, document: &mut Value) {
        let (parent, name) = self.at.rsplit_once('/').expect("a pointer below the root");
        let parent = document.pointer_mut(parent).expect("every environment has the same states");
        let place = || name.parse::<usize>().expect("a place in a list");
        match (&self.edit, parent) {
            (Edit::Remove, Value::Object(members)) => drop(members.remove(name)),
            (Edit::Remove, Value::Array(items)) => drop(items.remove(place())),
            (Edit::Swap, Value::Array(items)) => items.swap(place(), place() + 1),
            (Edit::Replace(value), parent) => {
                *parent.pointer_mut(&format!("/{name}")).expect("it is there") = value.clone();
            }
            (edit, parent) => panic!("{edit:?} in {parent}"),
        }
    }
}

/// Every mistake: each member and item taken away, neighbours swapped, numbers one larger, texts and expressions
/// changed, and every way led to each other state.
fn mistakes(document: &Value) -> Vec<Mistake> {
    let states = document["States"].as_object().expect("states").keys();
    let states: Vec<&str> = states.map(String::as_str).collect();
    let mut all = Vec::new();
    below(document, "", &states, &mut all);
    all
}

fn below(value: &Value, at: &str, states: &[&str], all: &mut Vec<Mistake>) {
    let make = |at: String, edit, what: &str| Mistake { at, edit, what: what.to_owned() };
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *name != "Comment") {
                assert!(!name.contains(['/', '~']), "{name} needs an escape in a pointer");
                let at = format!("{at}/{name}");
                all.push(make(at.clone(), Edit::Remove, "removed"));
                below(member, &at, states, all);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let at = format!("{at}/{place}");
                all.push(make(at.clone(), Edit::Remove, "removed"));
                if place + 1 < items.len() {
                    all.push(make(at.clone(), Edit::Swap, "swapped with the next"));
                }
                below(item, &at, states, all);
            }
        }
        Value::Number(number) => {
            let more = number.as_u64().expect("numbers of the machine are whole") + 1;
            all.push(make(at.to_owned(), Edit::Replace(json!(more)), &more.to_string()));
        }
        Value::String(text) => {
            let name = at.rsplit('/').next().unwrap_or_default();
            for (what, other) in others(text, name, states) {
                all.push(make(at.to_owned(), Edit::Replace(json!(other)), &what));
            }
        }
        Value::Bool(is) => all.push(make(at.to_owned(), Edit::Replace(json!(!is)), "turned round")),
        other => panic!("{at}: {other}"),
    }
}

/// Another text, and how it differs.
type Other = (String, String);

/// The wrong values to try in a field.
fn others(text: &str, field: &str, states: &[&str]) -> Vec<Other> {
    let plain = |it: &str| (it.to_owned(), it.to_owned());
    if matches!(field, "Next" | "Default" | "StartAt") {
        return states.iter().filter(|it| **it != text).map(|it| plain(it)).collect();
    }
    let Some(expression) = text.strip_prefix("{% ").and_then(|it| it.strip_suffix(" %}")) else {
        return match text {
            "Succeed" => vec![plain("Fail")],
            "Fail" => vec![plain("Succeed")],
            text => vec![plain(&format!("{text}x"))],
        };
    };
    let mut all = vec![plain("'mutant'")];
    if field == "Condition" {
        all.extend([plain(&format!("$not({expression})")), plain("true"), plain("false")]);
    }
    all.extend(without_an_entry(expression));
    all.extend(changed(expression));
    all.into_iter().map(|(what, it)| (what, format!("{{% {it} %}}"))).collect()
}

/// An object, without one of its entries each time. Empty if the expression is not an object.
fn without_an_entry(expression: &str) -> Vec<Other> {
    let Some(inner) = expression.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
        return Vec::new();
    };
    let (mut depth, mut is_text, mut from) = (0, false, 0);
    let mut entries = Vec::new();
    for (place, letter) in inner.char_indices() {
        match letter {
            '\'' => is_text = !is_text,
            '{' | '(' | '[' if !is_text => depth += 1,
            '}' | ')' | ']' if !is_text => depth -= 1,
            ',' if !is_text && depth == 0 => {
                entries.push(&inner[from..place]);
                from = place + 1;
            }
            _ => {}
        }
    }
    entries.push(&inner[from..]);
    let without = |gone: usize| {
        let kept = entries.iter().enumerate().filter(|(place, _)| *place != gone);
        let name = entries[gone].split(':').next().unwrap_or_default().trim();
        let rest = kept.map(|(_, it)| *it).collect::<Vec<_>>().join(",");
        (format!("without {name}"), format!("{{{rest}}}"))
    };
    (0..entries.len()).map(without).collect()
}

/// The expression with one text, number or comparison changed each time.
fn changed(expression: &str) -> Vec<Other> {
    let replace = |place: std::ops::Range<usize>, by: &str| {
        let (before, found) = (&expression[..place.start], &expression[place.clone()]);
        let what = format!("{found} at {} becomes {by}", place.start);
        (what, format!("{before}{by}{}", &expression[place.end..]))
    };
    let mut all = Vec::new();
    let quotes: Vec<usize> = expression.match_indices('\'').map(|(place, _)| place).collect();
    for pair in quotes.chunks_exact(2) {
        all.push(replace(pair[0]..pair[1] + 1, "'mutant'"));
    }
    for (place, _) in expression.match_indices("!=") {
        all.push(replace(place..place + 2, "="));
    }
    let mut end = 0;
    while let Some(digit) = expression[end..].find(|it: char| it.is_ascii_digit()) {
        let begin = end + digit;
        let digits = expression[begin..].find(|it: char| !it.is_ascii_digit());
        end = digits.map_or(expression.len(), |it| begin + it);
        let number: u64 = expression[begin..end].parse().expect("digits");
        all.push(replace(begin..end, &(number + 1).to_string()));
    }
    all
}

/// The panics of machines with a mistake are expected.
fn be_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if MADE.with_borrow(Option::is_none) {
                tell(info);
            }
        }));
    });
}

/// The first test that fails with the mistake; the interpreter, where it refuses the document.
fn found_by(mistake: &Mistake, mut document: Value) -> Option<&'static str> {
    mistake.make(&mut document);
    let Ok(machine) = read(&document) else { return Some("the interpreter") };
    MADE.set(Some(Arc::new(machine)));
    let fails = |test: &fn()| catch_unwind(AssertUnwindSafe(test)).is_err();
    let found = TESTS.iter().find(|(_, test)| fails(test)).map(|(name, _)| *name);
    MADE.set(None);
    found
}

#[test]
fn no_mistake_in_the_machine_passes() {
    be_quiet();
    let document = committed("dev");
    let mistakes = mistakes(&document);
    let mut finders = BTreeMap::<&str, usize>::new();
    let mut passed = Vec::new();
    for mistake in &mistakes {
        match found_by(mistake, document.clone()) {
            Some(test) => *finders.entry(test).or_default() += 1,
            None => passed.push(mistake.name()),
        }
    }
    println!("{} mistakes, found by: {finders:#?}", mistakes.len());
    let is_listed = |name: &&String| EQUIVALENT.iter().any(|(part, _)| name.contains(part));
    let new: Vec<&String> = passed.iter().filter(|it| !is_listed(it)).collect();
    assert!(new.is_empty(), "no test fails with these mistakes:\n{new:#?}");
    for (part, _) in EQUIVALENT {
        let passes = passed.iter().any(|it| it.contains(part));
        assert!(passes, "every mistake like {part} fails a test: take it off the list");
    }
}

#[test]
fn every_part_of_an_expression_is_a_mistake_to_make() {
    #[track_caller]
    fn check(found: Vec<Other>, expected: &[(&str, &str)]) {
        let found: Vec<_> = found.iter().map(|(what, it)| (what.as_str(), it.as_str())).collect();
        assert_eq!(found, expected);
    }
    check(
        without_an_entry("{'a': {'S': x != null ? 7}, 'b': f('c, d')}"),
        &[("without 'a'", "{ 'b': f('c, d')}"), ("without 'b'", "{'a': {'S': x != null ? 7}}")],
    );
    check(without_an_entry("$states.input"), &[]);
    check(
        changed("f('a', 1) != 29"),
        &[
            ("'a' at 2 becomes 'mutant'", "f('mutant', 1) != 29"),
            ("!= at 10 becomes =", "f('a', 1) = 29"),
            ("1 at 7 becomes 2", "f('a', 2) != 29"),
            ("29 at 13 becomes 30", "f('a', 1) != 30"),
        ],
    );
}
