//! `docs/simulated.md` lists the code that simulates what AWS documents. Each row names a page of AWS and code that exists.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{collections::BTreeSet, fs, path::Path};

use simulation::fault::{Kind, Service, Verdict};

/// The text of a row that the simulation does not implement.
const MARKS: [&str; 3] = ["**Cannot happen**", "**Cannot matter**", "**Missing**"];

/// A row: the documented behavior of AWS, and the code that simulates it.
struct Row {
    documented: String,
    place: String,
}

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/simulated.md");
    fs::read_to_string(page).unwrap()
}

fn rows(page: &str) -> Vec<Row> {
    let rows = page.lines().filter_map(|it| it.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = rows.filter(|it| *it != "AWS documents | simulated by");
    let row = |it: &str| {
        let [documented, place] = it.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("not two columns: {it}");
        };
        Row { documented: documented.to_owned(), place: place.to_owned() }
    };
    rows.map(row).collect()
}

/// The texts between backticks.
fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Returns each file that a row names, and the items in it.
fn named(place: &str) -> Vec<(&str, Vec<&str>)> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for span in spans(place) {
        match all.last_mut() {
            _ if span.ends_with(".rs") => all.push((span, Vec::new())),
            Some((_, items)) => items.push(span),
            None => {}
        }
    }
    all
}

/// The problems of a row.
fn problems(row: &Row) -> Vec<String> {
    let mut problems = Vec::new();
    if !row.documented.contains("](https://docs.aws.amazon.com/") {
        problems.push("it names no page of AWS".to_owned());
    }
    let places = named(&row.place);
    let is_marked = MARKS.iter().any(|it| row.place.starts_with(it));
    if !is_marked && places.iter().all(|(_, items)| items.is_empty()) {
        problems.push("it names no item, and has no mark".to_owned());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, items) in places {
        let below = if file.starts_with("src/") { "lambdas/simulation" } else { "" };
        let Ok(text) = fs::read_to_string(root.join(below).join(file)) else {
            problems.push(format!("there is no {file}"));
            continue;
        };
        let words: BTreeSet<&str> =
            text.split(|it: char| !(it.is_alphanumeric() || it == '_')).collect();
        for item in items.into_iter().filter(|it| !words.contains(it)) {
            problems.push(format!("there is no {item} in {file}"));
        }
    }
    problems
}

#[test]
fn every_row_names_a_page_and_existing_code() {
    let page = page();
    let rows = rows(&page);
    assert!(rows.len() > 50, "{}", rows.len());
    for row in &rows {
        let problems = problems(row);
        assert!(problems.is_empty(), "{}: {problems:#?}", row.documented);
    }
}

#[test]
fn a_row_that_names_missing_code_is_found() {
    #[track_caller]
    fn check(documented: &str, place: &str, expected: &str) {
        let row = Row { documented: documented.to_owned(), place: place.to_owned() };
        assert_eq!(problems(&row), [expected]);
    }
    let page = "[a](https://docs.aws.amazon.com/a)";
    check("a", "`src/fault.rs` `Kind`", "it names no page of AWS");
    check(page, "`src/fault.rs`", "it names no item, and has no mark");
    check(page, "", "it names no item, and has no mark");
    check(page, "`src/no.rs` `Kind`", "there is no src/no.rs");
    check(page, "**Cannot happen**: `src/fault.rs` `Kinds`", "there is no Kinds in src/fault.rs");
}

/// Each fault that a seed can draw is documented by AWS.
#[test]
fn every_fault_is_in_a_row() {
    let page = page();
    let rows = rows(&page);
    let mut faults: BTreeSet<String> = Kind::ALL.iter().map(|it| format!("{it:?}")).collect();
    faults.extend(Verdict::WRONG.iter().map(|it| format!("{it:?}")));
    let services = [Service::DynamoDb, Service::Sqs, Service::StepFunctions, Service::Lambda];
    faults.extend(services.iter().map(|it| format!("{it:?}")));
    // The other random values of a plan: its numbers and switches.
    let plan = ["skew", "lag", "shown_late", "unreadable", "weeks", "foreign"];
    faults.extend(plan.map(str::to_owned));
    let is_named = |fault: &String| {
        rows.iter()
            .flat_map(|it| named(&it.place))
            .any(|(_, items)| items.contains(&fault.as_str()))
    };
    let missing: Vec<_> = faults.iter().filter(|it| !is_named(it)).collect();
    assert!(missing.is_empty(), "no row has {missing:?}");
}
