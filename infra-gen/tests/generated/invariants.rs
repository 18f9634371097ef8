//! The invariants of the generator, each with a test whose failure names the rule.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{kit, root::Root};
use contracts::{
    functions::{FunctionName, OrderStorageError},
    order::{ByStatus, FailedOrder, OrderRecord},
};
use function_contract::{
    Contract,
    env::EnvContract,
    error::{ErrorNames, NoError},
    functions::Visitor,
    item::{self, Item},
};
use infra_core::{
    check::policy,
    model::{Scope, Stack},
};
use infra_gen::{config::Environment, roots, topology};
use serde_json::{Value, json};

/// Every line of Rust under a folder, with its place.
fn lines_below(folder: &str) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let place = |at: usize| format!("{}:{}", path.display(), at + 1);
            lines.extend(text.lines().enumerate().map(|(at, it)| (place(at), it.to_owned())));
        }
    }
    lines
}

#[test]
fn rule_1_no_reference_is_written_by_hand() {
    let code = lines_below("src/topology");
    assert!(code.len() > 500);
    for (place, line) in code {
        let marks = ["${", "arn:aws", "var.", "module.dynamodb", "data."];
        let hit = marks.iter().find(|it| line.contains(**it));
        assert!(hit.is_none(), "rule 1: {place} writes {hit:?} as text: {line}");
    }
}

#[test]
fn rule_3_a_function_is_given_exactly_the_variables_that_it_reads() {
    struct Check<'r>(&'r Root);

    impl Visitor for Check<'_> {
        type Output = ();

        fn visit<C: Contract>(self) {
            let name = format!("lambdas.{}", C::BIN);
            let function = self.0.resource("aws_lambda_function", &name);
            let variables = function["environment"][0]["variables"].as_object().unwrap();
            let set: BTreeSet<&str> = variables.keys().map(String::as_str).collect();
            let read: BTreeSet<&str> = C::Env::NAMES.iter().copied().collect();
            assert_eq!(set, read, "rule 3: {name}");
            // The function must be able to parse the generated variables. References have no value
            // yet, so any name is used for them.
            let parsed = C::Env::parse(|it| variables[it].as_str().map(str::to_owned));
            assert!(parsed.is_ok(), "rule 3: {name}: {}", parsed.err().unwrap());
        }
    }

    for environment in Environment::ALL {
        let root = Root::of(environment);
        FunctionName::ALL.into_iter().for_each(|it| it.visit(Check(&root)));
        let made = root.resources("aws_lambda_function");
        let made = made.keys().map(|it| it.trim_start_matches("lambdas."));
        assert_eq!(made.collect::<BTreeSet<_>>(), BTreeSet::from(FunctionName::BINS));
    }
}

#[test]
fn rule_4_every_error_of_a_function_has_a_route_of_its_own() {
    fn check<E: ErrorNames>(root: &Root, state: &str) {
        let state = &root.file("order.asl.json")["States"][state];
        let mut routed = Vec::new();
        for catch in state["Catch"].as_array().unwrap() {
            routed.extend(catch["ErrorEquals"].as_array().unwrap().iter().cloned());
        }
        let mut due: Vec<&str> = E::ALL.iter().map(|it| it.name()).collect();
        due.push("States.ALL");
        assert_eq!(routed, due, "rule 4");
    }
    let root = Root::of(Environment::Prod);
    check::<NoError>(&root, "ValidateOrder");
    check::<OrderStorageError>(&root, "StoreOrder");
}

#[test]
fn rule_5_the_same_source_gives_the_same_bytes() {
    for environment in Environment::ALL {
        let (first, second) = (roots::environment(environment), roots::environment(environment));
        assert!(first.files == second.files, "rule 5: {environment}");
        for (path, text) in first.files {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}");
            assert!(!text.contains('\r') && !text.contains(env!("CARGO_MANIFEST_DIR")), "{path}");
        }
    }
}

#[test]
fn keys_and_indexes_are_the_items_own() {
    fn check<I: Item>(root: &Root, name: &str) {
        let table = root.resource("aws_dynamodb_table", &format!("dynamodb.{name}"));
        assert_eq!(table["hash_key"], item::name(&I::key()));
        let indexes = table["global_secondary_index"].as_array().cloned().unwrap_or_default();
        assert_eq!(indexes.len(), I::indexes().len());
        for (index, keys) in indexes.iter().zip(I::indexes()) {
            assert_eq!(index["name"], keys.name);
            assert_eq!(index["hash_key"], keys.hash.0);
            assert_eq!(index["range_key"], keys.range.0);
        }
    }
    let root = Root::of(Environment::Prod);
    check::<OrderRecord>(&root, "orders");
    check::<FailedOrder>(&root, "failed_orders");
    assert_eq!(item::index_name::<ByStatus>(), "status-updated_at");
}

#[test]
fn environments_have_the_same_addresses_except_keys_firewall_and_subscriptions() {
    let addresses = |environment| {
        let root = Root::of(environment);
        let mut all = BTreeSet::new();
        for file in ["dynamodb", "sqs", "lambdas", "stepfunctions", "api_gateway", "monitoring"] {
            let file = root.file(&format!("{file}/main.tf.json"))["resource"].clone();
            for (tf_type, resources) in file.as_object().unwrap() {
                all.extend(
                    resources.as_object().unwrap().keys().map(|it| format!("{tf_type}.{it}")),
                );
            }
        }
        all
    };
    let (dev, staging, prod) = (
        addresses(Environment::Dev),
        addresses(Environment::Staging),
        addresses(Environment::Prod),
    );
    let beyond =
        |more: &BTreeSet<String>| -> Vec<String> { more.difference(&dev).cloned().collect() };
    assert!(dev.is_subset(&staging) && dev.is_subset(&prod));
    assert_eq!(beyond(&staging), ["aws_sns_topic_subscription.alarms_orders_staging_dofs_example"]);
    assert_eq!(
        beyond(&prod),
        [
            "aws_api_gateway_api_key.orders",
            "aws_api_gateway_usage_plan.orders",
            "aws_api_gateway_usage_plan_key.orders",
            "aws_cloudwatch_log_group.orders_firewall",
            "aws_kms_alias.logs",
            "aws_kms_alias.queues",
            "aws_kms_alias.schedules",
            "aws_kms_alias.tables",
            "aws_kms_key.logs",
            "aws_kms_key.queues",
            "aws_kms_key.schedules",
            "aws_kms_key.tables",
            "aws_sns_topic_subscription.alarms_orders_oncall_dofs_example",
            "aws_wafv2_web_acl.orders",
            "aws_wafv2_web_acl_association.orders",
            "aws_wafv2_web_acl_logging_configuration.orders",
        ]
    );
}

#[test]
fn dofs_breaks_no_rule() {
    for environment in Environment::ALL {
        assert_eq!(roots::environment(environment).violations, [], "{environment}");
    }
    assert_eq!(roots::bootstrap().violations, []);
    assert_eq!(roots::cicd().violations, []);
    assert_eq!(roots::build_specs().violations, []);
    assert_eq!(roots::workflow().violations, []);
}

/// The names of rules in a text: `"limit/visibility"`.
fn rules_in(lines: &[(String, String)]) -> BTreeSet<String> {
    let groups = [
        "api/",
        "asl/",
        "buildspec/",
        "delivery/",
        "iam/",
        "ledger/",
        "limit/",
        "policy/",
        "provider/",
        "stack/",
        "wiring/",
        "workflow/",
    ];
    let words = lines.iter().flat_map(|(_, line)| line.split('"'));
    words
        .filter(|it| groups.iter().any(|group| it.starts_with(group)))
        .filter(|it| {
            it.chars().all(|letter| letter.is_ascii_lowercase() || matches!(letter, '-' | '/'))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_rule_has_a_broken_fixture() {
    let is_test = |line: &str| line.contains("#[cfg(test)]");
    let (mut source, mut fixtures) = (Vec::new(), lines_below("tests/generated"));
    let mut last = (String::new(), false);
    let engine = ["src", "../crates/infra-core/src", "../crates/infra-review/src"].map(lines_below);
    for (place, line) in engine.into_iter().flatten() {
        let file = place.rsplit_once(':').unwrap().0.to_owned();
        if file != last.0 {
            last = (file.clone(), file.contains("tests"));
        }
        // Behind the mark, a file is tests to its end.
        last.1 |= is_test(&line) && !line.contains("impl");
        if last.1 { fixtures.push((place, line)) } else { source.push((place, line)) }
    }
    let (rules, mut held) = (rules_in(&source), rules_in(&fixtures));
    // `policy::a_suppressed_rule_is_broken_without_its_suppression` breaks these.
    let set_aside = policy::set_aside(&topology::dofs(Environment::Prod));
    held.extend(set_aside.into_iter().map(|it| it.rule.to_owned()));
    assert!(rules.len() >= 25, "{rules:?}");
    let bare: Vec<_> = rules.difference(&held).collect();
    assert!(bare.is_empty(), "without a fixture: {bare:?}");
}

#[test]
fn tags_are_kept_from_terraform() {
    let tags = [("${team}".to_owned(), "%{a}".to_owned())].into();
    let scope = Scope { tags, ..kit::stack("dofs-test").scope().clone() };
    let generated = infra_core::generate::root(&Stack::new(scope).finish(), "a", None);
    let providers: Value =
        serde_json::from_str(&generated.files["generated/a/providers.tf.json"]).unwrap();
    let tags = &providers["provider"]["aws"]["default_tags"]["tags"];
    assert_eq!(*tags, json!({ "$${team}": "%%{a}" }));
}
