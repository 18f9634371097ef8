//! Rule 8: no claim in the README that no test holds.

use infra_gen::{
    check,
    config::Environment,
    generate,
    graph::{self, Graph},
    ledger::{self, Ledger},
    topology,
};

const README: &str = include_str!("../../../README.md");

/// The fenced block behind a heading.
fn block_behind(heading: &str) -> &'static str {
    let (_, rest) = README.split_once(heading).unwrap_or_else(|| panic!("no {heading:?}"));
    let (_, rest) = rest.split_once("```").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    rest.split_once("\n```").unwrap().0
}

#[test]
fn rule_8_the_compilers_message_is_the_compilers() {
    let message = include_str!("../ui/queue_arn_for_function_arn.stderr");
    assert_eq!(block_behind("<!-- ui: queue_arn_for_function_arn -->"), message.trim_end());
}

#[test]
fn rule_8_the_violation_is_told_in_these_words() {
    let shown = block_behind("with the timeout of `fulfill_order` raised to 60 seconds:");
    for violation in check::stack(&super::broken::too_soon()) {
        assert_eq!(violation.rule, "limit/visibility");
        assert!(shown.contains(&violation.problem), "{}", violation.problem);
        assert!(shown.contains(&violation.fix), "{}", violation.fix);
    }
}

#[test]
fn rule_8_the_diff_is_one_line_of_what_is_generated() {
    let diff = block_behind("`max_receive_count` of prod from 5 to 6");
    let of = |sign: &str| {
        let lines =
            diff.lines().filter(|it| it.starts_with(sign) && !it.starts_with(&sign.repeat(3)));
        lines.map(|it| it[1..].to_owned()).collect::<Vec<_>>()
    };
    let (before, after) = (of("-"), of("+"));
    assert_eq!(before.len(), 1);
    assert_eq!(after, [before[0].replace(r#"maxReceiveCount\":5"#, r#"maxReceiveCount\":6"#)]);
    let files = generate::environment(Environment::Prod).files;
    let sqs = &files["generated/prod/modules/sqs/main.tf.json"];
    assert!(sqs.lines().any(|it| it == before[0]), "{}", before[0]);
}

#[test]
fn rule_8_the_picture_is_what_is_drawn() {
    let drawn = graph::mermaid(&Graph::of(&topology::dofs(Environment::Prod)));
    assert_eq!(block_behind("## The topology"), drawn.trim_end());
}

#[test]
fn rule_8_files_that_are_named_exist() {
    let architecture = include_str!("../../../ARCHITECTURE.md");
    let repository = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut crates: Vec<_> = [
        "",
        "dofs",
        "infra-gen",
        "infra-gen/src",
        "infra-gen/tests",
        "lambdas",
        "local-aws",
        "xtask",
    ]
    .map(|it| repository.join(it))
    .into();
    crates.extend(repository.join("lambdas").read_dir().unwrap().map(|it| it.unwrap().path()));
    for text in [README, architecture] {
        for word in text.split(['`', '(', ')', ' ', '\n']) {
            let file = word.contains('/')
                && !word.contains("://")
                && (word.ends_with(".rs") || word.ends_with(".md"));
            let there = crates.iter().any(|it| it.join(word).exists());
            assert!(!file || there, "{word}");
        }
    }
}

#[test]
fn rule_8_tests_that_are_named_exist() {
    let architecture = include_str!("../../../ARCHITECTURE.md");
    let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = 0;
    for word in architecture.split('`') {
        let Some((module, name)) = word.rsplit_once("::") else { continue };
        let file = match module {
            "model::schema::tests" => "src/model/schema.rs".to_owned(),
            it if it.starts_with("traps") || it.starts_with("broken") => {
                format!("tests/generated/{}.rs", it.replace("::", "/"))
            }
            _ => continue,
        };
        let source = std::fs::read_to_string(package.join(&file)).unwrap_or_default();
        assert!(source.contains(&format!("fn {name}(")), "{word} is not in {file}");
        named += 1;
    }
    assert!(named >= 14, "only {named}");
}

#[test]
fn rule_8_a_lost_address_is_told_in_these_words() {
    let shown = block_behind("With `order_queue` renamed to `order_q`:");
    let path = "generated/prod/addresses.txt";
    let now = &generate::environment(Environment::Prod).ledgers[path];
    let committed = now.text();
    let renamed = Ledger::parse(&committed.replace("queue.order_queue", "queue.order_q")).unwrap();
    let told: Vec<_> =
        ledger::check(path, &committed, &renamed).iter().map(|it| it.to_string()).collect();
    assert_eq!(told[0], shown);
}

/// Figures of README's text; those of speed come from `cargo xtask bench`.
#[test]
fn rule_8_figures_are_counted() {
    fn check(text: &str) {
        let readme = README.replace('\n', " ");
        assert!(readme.contains(text), "README does not say {text:?}");
    }
    let rules = infra_gen::model::policy::Rule::ALL.len();
    check(&format!("a policy pack of {rules} rules"));
    let prod = topology::dofs(Environment::Prod);
    let aside: std::collections::BTreeSet<_> =
        check::policy::set_aside(&prod).iter().map(|it| it.rule.to_owned()).collect();
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    check(&format!("{} rules in prod", words[aside.len()]));
    let ui = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ui");
    let cases = std::fs::read_dir(ui)
        .unwrap()
        .filter(|it| it.as_ref().unwrap().path().extension().is_some_and(|it| it == "stderr"));
    assert!(cases.count() > 100, "README says that there are over a hundred cases");
    let modules = generate::environment(Environment::Prod).modules;
    assert_eq!(modules, 6, "README says how many modules an environment has");
    check("Six Terraform modules");
}
