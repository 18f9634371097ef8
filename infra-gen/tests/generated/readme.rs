//! Rule 8: tests hold the claims of the documentation.

use std::{
    fs,
    path::{Path, PathBuf},
};

use infra_core::{
    check,
    graph::{self, Graph},
    ledger::{self, Ledger},
};
use infra_gen::{config::Environment, roots, topology};

use crate::snapshot::quoted;

const README: &str = include_str!("../../../README.md");
const ORDERS: &str = include_str!("../../../docs/orders.md");
const POLICIES: &str = include_str!("../../../docs/policies.md");
const RENAMING: &str = include_str!("../../../docs/renaming.md");
const REVIEW: &str = include_str!("../../../docs/review.md");

/// The fenced block behind a heading of a document.
fn block_behind(document: &'static str, heading: &str) -> &'static str {
    let (_, rest) = document.split_once(heading).unwrap_or_else(|| panic!("no {heading:?}"));
    let (_, rest) = rest.split_once("```").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```").unwrap().0
}

#[test]
fn rule_8_the_compilers_message_is_the_compilers() {
    let message = include_str!("../ui/queue_arn_for_function_arn.stderr");
    let mark = "<!-- ui: queue_arn_for_function_arn -->";
    assert_eq!(block_behind(POLICIES, mark), message.trim_end());
    // README shows where it begins.
    let begin = block_behind(README, mark);
    assert!(message.starts_with(&format!("{begin}\n")) && begin.contains("expected"), "{begin}");
}

#[test]
fn rule_8_the_readme_quotes_the_violation() {
    for document in [README, POLICIES] {
        let shown = block_behind(document, "<!-- rule: limit/visibility -->");
        for violation in crate::kit::violations(&super::broken::too_soon()) {
            assert_eq!(violation.rule, "limit/visibility");
            assert!(shown.contains(&violation.problem), "{}", violation.problem);
            assert!(shown.contains(&violation.fix), "{}", violation.fix);
        }
    }
}

#[test]
fn rule_8_the_diff_is_one_line_of_what_is_generated() {
    let diff = block_behind(REVIEW, "`max_receive_count` of prod from 5 to 6");
    let of = |sign: &str| {
        let lines =
            diff.lines().filter(|it| it.starts_with(sign) && !it.starts_with(&sign.repeat(3)));
        lines.map(|it| it[1..].to_owned()).collect::<Vec<_>>()
    };
    let (before, after) = (of("-"), of("+"));
    assert_eq!(before.len(), 1);
    assert_eq!(after, [before[0].replace(r#"maxReceiveCount\":5"#, r#"maxReceiveCount\":6"#)]);
    let files = roots::environment(Environment::Prod).files;
    let sqs = &files["generated/prod/modules/sqs/main.tf.json"];
    assert!(sqs.lines().any(|it| it == before[0]), "{}", before[0]);
}

#[test]
fn rule_8_the_picture_is_what_is_drawn() {
    let drawn = graph::mermaid(&Graph::of(&topology::dofs(Environment::Prod)));
    assert_eq!(block_behind(ORDERS, "## The topology"), drawn.trim_end());
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Every document that is written by hand: its path and its text.
fn documents() -> Vec<(PathBuf, String)> {
    let below = |folder: &str| {
        let files = repository().join(folder).read_dir().unwrap();
        files.map(|it| it.unwrap().path()).filter(|it| it.extension().is_some_and(|it| it == "md"))
    };
    let paths: Vec<_> = below("").chain(below("docs")).collect();
    assert!(paths.len() > 15, "{paths:?}");
    paths.into_iter().map(|it| (it.clone(), fs::read_to_string(it).unwrap())).collect()
}

#[test]
fn rule_8_files_that_are_named_exist() {
    let mut crates: Vec<_> = [
        "",
        "crates/infra-core/src",
        "dofs",
        "infra-gen",
        "infra-gen/src",
        "infra-gen/tests",
        "lambdas",
        "local-aws",
        "xtask",
    ]
    .map(|it| repository().join(it))
    .into();
    let below = |it: &str| repository().join(it).read_dir().unwrap().map(|it| it.unwrap().path());
    crates.extend(["lambdas", "crates"].into_iter().flat_map(below));
    for (path, text) in documents() {
        // A changelog names what there was. The guide's new crate is not there yet.
        if path.ends_with("CHANGELOG.md") {
            continue;
        }
        crates.push(path.parent().unwrap().to_owned());
        for word in text.split(['`', '(', ')', ' ', '\n']) {
            let file = word.contains('/')
                && !word.contains("://")
                && !word.starts_with("lambdas/announce_order/")
                && (word.ends_with(".rs") || word.ends_with(".md"));
            let there = crates.iter().any(|it| it.join(word).exists());
            assert!(!file || there, "{}: {word}", path.display());
        }
        crates.pop();
    }
}

/// The anchor that GitHub generates for a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it));
    kept.collect::<String>().replace(' ', "-")
}

#[test]
fn rule_8_links_lead_somewhere() {
    let anchors = |path: &Path| -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        let headings = text.lines().filter(|it| it.starts_with('#'));
        headings.map(|it| anchor(it.trim_start_matches('#'))).collect()
    };
    let mut links = 0;
    for (path, text) in documents() {
        for link in text.split("](").skip(1).map(|it| it.split(')').next().unwrap()) {
            if link.contains("://") {
                continue;
            }
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let to = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(to.exists(), "{}: {link}", path.display());
            let there = part.is_empty() || anchors(&to).iter().any(|it| it == part);
            assert!(there, "{}: {link}", path.display());
            links += 1;
        }
    }
    assert!(links > 40, "only {links}");
}

/// README links to every document.
#[test]
fn rule_8_the_readme_names_every_document() {
    for (path, _) in documents() {
        let path = path.strip_prefix(repository()).unwrap().to_str().unwrap();
        assert!(path == "README.md" || README.contains(&format!("({path})")), "{path}");
    }
}

#[test]
fn rule_8_tests_that_are_named_exist() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for (path, text) in documents() {
        for word in text.split(['`', '\n']) {
            let Some((module, name)) = word.rsplit_once("::") else { continue };
            let file = match module {
                "models" => "tests/generated/models.rs".to_owned(),
                "invariants" => "tests/generated/invariants.rs".to_owned(),
                it if it.starts_with("traps") || it.starts_with("broken") => {
                    format!("tests/generated/{}.rs", it.replace("::", "/"))
                }
                _ => continue,
            };
            // The form of such a name, not a name.
            if name == "…" {
                continue;
            }
            let source = fs::read_to_string(package.join(&file)).unwrap_or_default();
            assert!(source.contains(&format!("fn {name}(")), "{}: {word}", path.display());
            named += 1;
        }
    }
    assert!(named >= 20, "only {named}");
}

#[test]
fn rule_8_the_documents_quote_the_error_of_a_lost_address() {
    let shown = block_behind(RENAMING, "With `order_queue` renamed to `order_q`:");
    let path = "generated/prod/addresses.txt";
    let now = &roots::environment(Environment::Prod).ledgers[path];
    let committed = now.text();
    let renamed = Ledger::parse(&committed.replace("queue.order_queue", "queue.order_q")).unwrap();
    let told: Vec<_> =
        ledger::check(path, &committed, &renamed).iter().map(|it| it.to_string()).collect();
    assert_eq!(told[0], shown);
}

/// Figures of the text; those of speed come from `cargo xtask bench`.
#[test]
fn rule_8_figures_are_counted() {
    fn check(document: &str, text: &str) {
        let document = document.replace('\n', " ");
        assert!(document.contains(text), "no document says {text:?}");
    }
    let rules = infra_core::model::policy::Rule::ALL.len();
    check(POLICIES, &format!("a policy pack of {rules} rules"));
    check(README, &format!("It checks {rules} policies"));
    check(include_str!("../../../SECURITY.md"), &format!("- {rules} policies"));
    check(include_str!("../../../docs/comparison.md"), &format!("and {rules} policies"));
    check(include_str!("../../../docs/glossary.md"), &format!("the {rules} rules"));
    let prod = topology::dofs(Environment::Prod);
    let aside: std::collections::BTreeSet<_> =
        check::policy::set_aside(&prod).iter().map(|it| it.rule.to_owned()).collect();
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    check(POLICIES, &format!("DOFS suppresses {} rules in prod", words[aside.len()]));
    let ui = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui");
    let cases = std::fs::read_dir(ui)
        .unwrap()
        .filter(|it| it.as_ref().unwrap().path().extension().is_some_and(|it| it == "stderr"));
    assert!(cases.count() > 100, "docs/policies.md says that there are over a hundred cases");
    let generated = roots::environment(Environment::Prod);
    let (resources, modules, files) =
        (generated.resources, generated.modules, generated.files.len());
    assert_eq!(modules, 6, "docs/orders.md says how many modules an environment has");
    quoted(
        "README.md",
        "$ cargo run -p infra-gen -- --env prod\n",
        "next: ",
        &format!(
            "generated/prod        {resources} resources in {modules} modules, {files} files\n\
             0 files written, 0 removed, {files} unchanged\n"
        ),
    );
    check(ORDERS, "six Terraform modules");
}
