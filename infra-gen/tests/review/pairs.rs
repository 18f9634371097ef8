//! Recorded pairs. Each is an edit of DOFS, as a diff of the files generated before and after it, on
//! a tree that is frozen in `fixture/`. The expected findings are next to it, one in each line:
//! severity, rule, environments, addresses.
//!
//! To add one: edit the topology, generate, and keep `git diff` of `generated/` as
//! `pairs/<name>.patch`; write `pairs/<name>.expected` by hand, before you run the review. If
//! the tree before differs from the fixture, `pairs/<name>.base.patch` makes it.

use std::{collections::BTreeSet, fs, path::PathBuf};

use infra_review::{self, Files, Severity, cost::Orders};

use super::patch::{apply, files_below};

pub(crate) fn here() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/review"))
}

/// The names of all pairs.
fn names() -> BTreeSet<String> {
    let names = fs::read_dir(here().join("pairs")).unwrap().filter_map(|it| {
        let name = it.unwrap().file_name().into_string().unwrap();
        name.strip_suffix(".expected").map(str::to_owned)
    });
    names.collect()
}

/// Both trees of a pair.
pub(crate) fn pair(name: &str) -> (Files, Files) {
    let fixture = files_below(&here().join("fixture"));
    let with = |suffix: &str| {
        let mut files = fixture.clone();
        let patch = here().join("pairs").join(format!("{name}{suffix}"));
        if patch.exists() {
            apply(&mut files, &fs::read_to_string(patch).unwrap());
        }
        files
    };
    (with(".base.patch"), with(".patch"))
}

fn expected(name: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(here().join("pairs").join(format!("{name}.expected"))).unwrap();
    text.lines().filter(|it| !it.starts_with('#')).map(str::to_owned).collect()
}

fn found(base: &Files, head: &Files) -> BTreeSet<String> {
    let review = infra_review::review(base, head, Orders::DEFAULT).unwrap();
    let line = |it: &infra_review::Finding| {
        let (severity, rule) = (it.severity.as_str(), it.rule.as_str());
        let (environments, addresses) = (it.environments.join(","), it.addresses.join(" "));
        format!("{severity} {rule} {environments} {addresses}")
    };
    review.findings.iter().map(line).collect()
}

#[test]
fn nothing_is_missed_and_nothing_is_made_up() {
    let names = names();
    let mut wrong = String::new();
    for name in &names {
        let (base, head) = pair(name);
        assert!(base != head, "{name} changes nothing");
        let (found, expected) = (found(&base, &head), expected(name));
        for missed in expected.difference(&found) {
            wrong.push_str(&format!("{name}: missed {missed}\n"));
        }
        for alarm in found.difference(&expected) {
            wrong.push_str(&format!("{name}: false alarm {alarm}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} pairs\n{wrong}", names.len());
    assert!(names.len() >= 40, "only {}", names.len());
}

#[test]
fn a_change_and_its_reverse_are_both_reported() {
    // The reverse of a pair removes the blocks that the pair adds. Both have findings.
    for name in ["new-route", "alarm-removed", "queue-renamed"] {
        let (base, head) = pair(name);
        let there = infra_review::review(&base, &head, Orders::DEFAULT).unwrap();
        let back = infra_review::review(&head, &base, Orders::DEFAULT).unwrap();
        let count = |it: &infra_review::Review| {
            it.changes.iter().map(|it| it.addresses.len()).sum::<usize>()
        };
        assert_eq!(count(&there), count(&back), "{name}");
    }
    let (_, head) = pair("new-route");
    assert!(infra_review::review(&head, &head, Orders::DEFAULT).unwrap().is_empty());
}

#[test]
fn an_order_alone_changes_nothing() {
    let (base, head) = pair("everything-turned-round");
    let review = infra_review::review(&base, &head, Orders::DEFAULT).unwrap();
    assert!(review.is_empty(), "{}", review.text(false));
}

#[test]
fn equal_changes_of_environments_are_reported_once() {
    let (base, head) = pair("visibility-too-short");
    let review = infra_review::review(&base, &head, Orders::DEFAULT).unwrap();
    assert_eq!(review.worst(), Some(Severity::Danger));
    assert_eq!(review.findings.len(), 1);
    assert_eq!(review.findings[0].environments, ["dev", "prod", "staging"]);
    assert_eq!(review.changes.len(), 1);
    let name = pair("queue-renamed-in-aws");
    let told = infra_review::review(&name.0, &name.1, Orders::DEFAULT).unwrap().text(false);
    assert!(told.contains("`name` dofs-<env>-order-queue → dofs-<env>-order-queue-v2"), "{told}");
}

#[test]
fn a_tag_is_a_change_and_no_finding() {
    let (base, head) = pair("tag-added");
    let review = infra_review::review(&base, &head, Orders::DEFAULT).unwrap();
    assert_eq!(review.findings, []);
    let told: Vec<_> = review.changes.iter().map(|it| &it.lines[..]).collect();
    assert_eq!(told, [["aws.default_tags.tags.CostCenter: + orders"]]);
}

#[test]
fn a_move_is_not_a_loss() {
    let (base, head) = pair("moved");
    let review = infra_review::review(&base, &head, Orders::DEFAULT).unwrap();
    let actions: Vec<_> = review.changes.iter().map(|it| it.action.as_str()).collect();
    assert_eq!(actions, ["move"]);
    // Without the block it is one.
    let path = "generated/prod/modules/sqs/main.tf.json";
    let mut forgot = head;
    let text = forgot[path].replace("\"moved\"", "\"locals\"");
    forgot.insert(path.to_owned(), text);
    let review = infra_review::review(&base, &forgot, Orders::DEFAULT).unwrap();
    let lost = review.findings.iter().find(|it| it.rule == infra_review::Rule::DataLoss).unwrap();
    assert_eq!(lost.addresses, ["module.sqs.aws_sqs_queue.order_dlq"]);
    assert!(lost.details.iter().any(|it| it.contains("declare the move")), "{lost:?}");
}

#[test]
fn all_unreadable_files_are_reported_together() {
    let (base, mut head) = pair("moved");
    let spoilt = ["generated/dev/main.tf.json", "generated/prod/modules/sqs/main.tf.json"];
    for path in spoilt {
        head.insert(path.to_owned(), "{".to_owned());
    }
    let path = "generated/staging/modules/stepfunctions/order.asl.json";
    head.remove(path);
    let err = infra_review::review(&base, &head, Orders::DEFAULT).unwrap_err().to_string();
    for path in spoilt.iter().chain([&path]) {
        assert!(err.contains(path), "{path} in {err}");
    }
    assert!(err.contains("(head)") && err.contains("fix: "), "{err}");
}

/// Each account has a root of its own below `bootstrap`.
#[test]
fn a_root_of_one_account_is_not_hidden_by_the_next() {
    let old = "generated/bootstrap/";
    let mut base = Files::new();
    for (path, text) in files_below(&here().join("fixture")) {
        let Some(inside) = path.strip_prefix(old) else { continue };
        for account in ["dev", "prod"] {
            base.insert(format!("{old}{account}/{inside}"), text.clone());
        }
    }
    let mut head = base.clone();
    let file = head.get_mut("generated/bootstrap/dev/modules/account/main.tf.json").unwrap();
    let managed = "policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
    assert!(file.contains(managed));
    *file = file.replace(managed, "policy/AdministratorAccess");
    let review = infra_review::review(&base, &head, Orders::DEFAULT).unwrap();
    let found: Vec<_> =
        review.findings.iter().map(|it| (it.rule.as_str(), &it.environments)).collect();
    let dev = &vec!["bootstrap/dev".to_owned()];
    assert_eq!(found, [("rights-widened", dev), ("stopped", dev), ("replaced", dev)]);
    assert_eq!(review.changes.len(), 1);
    assert_eq!(review.changes[0].environments, ["bootstrap/dev"]);
}

#[test]
fn the_monthly_cost_is_printed_before_and_after() {
    /// Checks the additional cost of each environment, and the number of lines about it.
    fn check(name: &str, orders: &str, expected: &[(&str, f64, usize)]) {
        let (base, head) = pair(name);
        let review = infra_review::review(&base, &head, orders.parse().unwrap()).unwrap();
        let environments = review.costs.environments.iter();
        let told: Vec<_> = environments
            .map(|it| {
                let lines: f64 = it.lines.iter().map(infra_review::Difference::usd).sum();
                assert!((it.usd() - lines).abs() < 0.02, "{name}: {it:#?}");
                (it.environment.as_str(), (it.usd() * 100.0).round() / 100.0, it.lines.len())
            })
            .collect();
        assert_eq!(told, expected, "{name} at {orders}");
    }
    // 0.5 GB more for 0.05 s a call: 2 million calls of api_handler, 1 of order_storage, 2.2 of
    // fulfill_order; at 0.0000166667 USD for a GB-s. The few of reconcile_orders are below a cent.
    check("memory-up", "1e6", &[("prod", 2.17, 3)]);
    check("memory-up", "0", &[("prod", 0.0, 0)]);
    // Two keys, used or not.
    check("kms-keys-dropped", "0", &[("prod", -2.0, 2)]);
    check("rate-raised", "1e6", &[("prod", 0.0, 0)]);
    // 11.2 GB a month: 6.2 of the functions' calls, 3 of states, 2 of the API's requests. Kept 335
    // days less, at 0.03 USD for a GB and 30 days. The logs of the reconciler cost less than a cent.
    check("log-retention-cut", "1e6", &[("prod", -3.75, 6)]);
}

#[test]
fn rule_8_the_documents_quote_the_review() {
    let guide = include_str!("../../../docs/review.md");
    let readme = include_str!("../../../README.md");
    let name = "widening-in-a-reorder";
    let shown = |document: &'static str| {
        let mark = format!("<!-- review: {name} -->\n```text\n");
        document.split_once(&mark).unwrap().1.split_once("```").unwrap().0
    };
    let (base, head) = pair(name);
    let told = infra_review::review(&base, &head, Orders::DEFAULT).unwrap().text(false);
    assert_eq!(shown(guide), told);
    // README shows its first finding.
    assert_eq!(shown(readme), format!("{}\n", told.split_once("\n\n").unwrap().0));
    let patch = fs::read_to_string(here().join(format!("pairs/{name}.patch"))).unwrap();
    let lines = patch.lines().count();
    assert!(guide.contains(&format!("{lines} lines of diff")), "{patch}");
    assert!(readme.contains(&format!("a diff of {lines} lines")), "{patch}");
}

#[test]
fn rule_8_the_guide_names_every_kind_of_risk() {
    let guide = include_str!("../../../docs/review.md");
    let architecture = include_str!("../../../ARCHITECTURE.md");
    for line in names().iter().flat_map(|it| expected(it)) {
        let rule = line.split(' ').nth(1).unwrap();
        assert!(guide.contains(&format!("`{rule}`")), "{rule}");
    }
    let count = format!("{} recorded edits", names().len());
    let testing = include_str!("../../../docs/testing.md");
    for text in [guide, architecture, testing] {
        assert!(text.contains(&count), "{count}");
    }
}
