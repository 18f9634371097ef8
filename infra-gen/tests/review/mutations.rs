//! Every argument that is generated, changed by a machine: the review is never silent about it.
//!
//! Each argument is removed, negated, set to zero and set to another value. For each of these changes, the review
//! lists the address and has a finding, unless the argument is in [`HARMLESS`].

use std::collections::{BTreeMap, BTreeSet};

use infra_review::Review;
use serde_json::{Value, json};

use super::today::{Tree, reviewed};

/// Roots in which every type stands that is generated.
pub(super) const ROOTS: [&str; 3] = ["prod", "cicd", "bootstrap/dev"];

/// Arguments of which no change is a finding, each with the reason. The review lists Terraform's action for them all the same.
const HARMLESS: &[(&str, &str)] = &[
    ("aws_api_gateway_api_key name", "a label: clients send the value"),
    ("aws_api_gateway_request_validator name", "a label: methods name it by its id"),
    ("aws_api_gateway_usage_plan name", "a label: keys name it by its id"),
    ("aws_cloudwatch_dashboard dashboard_body", "it is for people: nothing acts on it"),
    (
        "aws_cloudwatch_metric_alarm treat_missing_data",
        "the first alarm takes silence for good: whatever else is stricter",
    ),
    (
        "aws_codestarnotifications_notification_rule detail_type",
        "how much a message says of the same event",
    ),
    (
        "aws_codestarnotifications_notification_rule name",
        "a label: its target and its events count",
    ),
    (
        "aws_dynamodb_table attribute",
        "keys and indexes name attributes, which are findings: AWS refuses others",
    ),
    (
        "aws_dynamodb_table attribute.name",
        "keys and indexes name attributes, which are findings: AWS refuses others",
    ),
    ("aws_dynamodb_table attribute.type", "AWS refuses another type of a key that is there"),
    ("aws_sqs_queue receive_wait_time_seconds", "an event source waits as it likes"),
    (
        "aws_wafv2_web_acl_logging_configuration logging_filter",
        "without a filter everything is logged",
    ),
];

/// A change of one argument of one block.
#[derive(Debug)]
struct Mutation {
    module: String,
    tf_type: String,
    name: String,
    /// Its path in the block: names, and indexes of lists.
    pointer: String,
    /// The same without places.
    argument: String,
    /// Its new value. `None` if it is removed.
    value: Option<Value>,
}

impl Mutation {
    /// The argument of its type.
    fn argument(&self) -> String {
        format!("{} {}", self.tf_type, self.argument)
    }

    fn address(&self) -> String {
        format!("module.{}.{}.{}", self.module, self.tf_type, self.name)
    }

    /// The address of findings about it: a finding about a policy has the address of the policy's resource.
    fn told_at(&self, tree: &Tree, root: &str) -> String {
        let belongs = match self.tf_type.as_str() {
            "aws_iam_role_policy" => "role",
            "aws_lambda_permission" => "function_name",
            "aws_s3_bucket_policy" => "bucket",
            "aws_sns_topic_policy" => "arn",
            "aws_sqs_queue_policy" => "queue_url",
            _ => return self.address(),
        };
        let path = format!("generated/{root}/modules/{}/main.tf.json", self.module);
        let file: Value = serde_json::from_str(&tree.0[&path]).unwrap();
        let reference = &file["resource"][&self.tf_type][&self.name][belongs];
        let inner = reference.as_str().unwrap().trim_start_matches("${").trim_end_matches('}');
        match inner.strip_prefix("var.") {
            // Of another module: `var.api_handler_function_name`.
            Some(variable) => {
                let function = variable.strip_suffix("_function_name").unwrap();
                format!("module.lambdas.aws_lambda_function.{function}")
            }
            None => format!("module.{}.{}", self.module, inner.rsplit_once('.').unwrap().0),
        }
    }

    fn apply(&self, tree: &mut Tree, root: &str) {
        let local = format!("{}.{}", self.tf_type, self.name);
        tree.block(root, &self.module, &local, |block| {
            if let Some(value) = &self.value {
                *block.pointer_mut(&self.pointer).unwrap() = value.clone();
                return;
            }
            let (outer, last) = self.pointer.rsplit_once('/').unwrap();
            match block.pointer_mut(outer).unwrap() {
                Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                Value::Object(fields) => {
                    let name = last.replace("~1", "/").replace("~0", "~");
                    assert!(fields.remove(&name).is_some());
                }
                _ => unreachable!(),
            }
        });
    }
}

/// The other values to try in place of this one.
fn others(value: &Value) -> Vec<Option<Value>> {
    let mut others = vec![None];
    match value {
        Value::Bool(it) => others.push(Some(json!(!it))),
        Value::Number(it) => {
            let number = it.as_f64().unwrap();
            if number != 0.0 {
                others.push(Some(json!(0)));
                others.push(Some(json!(number / 2.0)));
            }
            others.push(Some(json!(number * 2.0 + 1.0)));
        }
        Value::String(it) if it.starts_with('{') && it != "{}" => others.push(Some(json!("{}"))),
        Value::String(_) => others.push(Some(json!("another"))),
        _ => (),
    }
    others
}

/// Every value in a block, by its pointer and by its argument. Texts for people are left out.
fn values<'v>(value: &'v Value, at: (String, String), all: &mut Vec<(String, String, &'v Value)>) {
    let (pointer, argument) = at;
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                if matches!(
                    name.as_str(),
                    "//" | "description" | "alarm_description" | "depends_on"
                ) {
                    continue;
                }
                let escaped = name.replace('~', "~0").replace('/', "~1");
                let dot = if argument.is_empty() { "" } else { "." };
                let at = (format!("{pointer}/{escaped}"), format!("{argument}{dot}{name}"));
                all.push((at.0.clone(), at.1.clone(), inner));
                values(inner, at, all);
            }
        }
        Value::Array(items) => {
            for (place, inner) in items.iter().enumerate() {
                let at = (format!("{pointer}/{place}"), argument.clone());
                if !inner.is_object() {
                    all.push((at.0.clone(), at.1.clone(), inner));
                }
                values(inner, at, all);
            }
        }
        _ => (),
    }
}

/// One mutation of each kind for each argument of each type.
fn mutations(tree: &Tree, root: &str) -> Vec<Mutation> {
    let prefix = format!("generated/{root}/modules/");
    let mut seen = BTreeSet::new();
    let mut mutations = Vec::new();
    for (path, text) in tree.0.range(prefix.clone()..).take_while(|it| it.0.starts_with(&prefix)) {
        let Some(module) = path[prefix.len()..].strip_suffix("/main.tf.json") else { continue };
        let file: Value = serde_json::from_str(text).unwrap();
        for (section, mark) in [("resource", ""), ("data", "data.")] {
            for (tf_type, blocks) in file[section].as_object().into_iter().flatten() {
                for (name, block) in blocks.as_object().unwrap() {
                    let mut all = Vec::new();
                    values(block, (String::new(), String::new()), &mut all);
                    for (pointer, argument, value) in all {
                        for (kind, value) in others(value).into_iter().enumerate() {
                            if !seen.insert((tf_type.clone(), argument.clone(), kind)) {
                                continue;
                            }
                            mutations.push(Mutation {
                                module: module.to_owned(),
                                tf_type: format!("{mark}{tf_type}"),
                                name: name.clone(),
                                pointer: pointer.clone(),
                                argument: argument.clone(),
                                value,
                            });
                        }
                    }
                }
            }
        }
    }
    mutations
}

/// The tree with one root alone, which is all that a review of a change in it reads.
pub(super) fn of_root(tree: &Tree, root: &str) -> Tree {
    let prefix = format!("generated/{root}/");
    let files = tree.0.range(prefix.clone()..).take_while(|it| it.0.starts_with(&prefix));
    Tree(files.map(|(path, text)| (path.clone(), text.clone())).collect())
}

fn is_at(address: &str, told: &str) -> bool {
    told == address || told.starts_with(&format!("{address}/"))
}

fn is_told(review: &Review, address: &str) -> bool {
    let changes = review.changes.iter().flat_map(|it| &it.addresses);
    let found = review.findings.iter().flat_map(|it| &it.addresses);
    changes.chain(found).any(|it| is_at(address, it))
}

/// Mutations of different blocks, to be reviewed at once.
fn rounds(mutations: &[Mutation]) -> Vec<Vec<&Mutation>> {
    let mut rounds: Vec<(BTreeSet<String>, Vec<&Mutation>)> = Vec::new();
    for it in mutations {
        match rounds.iter_mut().find(|round| !round.0.contains(&it.address())) {
            Some(round) => {
                round.0.insert(it.address());
                round.1.push(it);
            }
            None => rounds.push(([it.address()].into(), vec![it])),
        }
    }
    rounds.into_iter().map(|it| it.1).collect()
}

/// Whether there is a finding about a mutation that is reviewed alone: a finding about one block must not count for
/// another one.
fn is_found(base: &Tree, root: &str, mutation: &Mutation) -> bool {
    let mut head = Tree(base.0.clone());
    mutation.apply(&mut head, root);
    let review = reviewed(base, &head);
    // A finding about a policy has the address of the resource that uses it.
    let at = [mutation.address(), mutation.told_at(base, root)];
    let mut all = review.findings.iter().flat_map(|it| &it.addresses);
    all.any(|it| at.iter().any(|at| is_at(at, it)))
}

#[test]
fn no_argument_changes_in_silence() {
    let today = Tree::today();
    let mut silent = BTreeSet::new();
    // For each argument, whether any change of it is a finding.
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for root in ROOTS {
        let base = of_root(&today, root);
        let mutations = mutations(&base, root);
        for round in rounds(&mutations) {
            let mut head = Tree(base.0.clone());
            round.iter().for_each(|it| it.apply(&mut head, root));
            let review = reviewed(&base, &head);
            for it in round {
                let argument = it.argument();
                // A label of a statement, and an effect that is `Allow` by default, have no effect on the review.
                let is_nothing = it.tf_type == "data.aws_iam_policy_document"
                    && (it.argument == "statement.sid"
                        || it.argument == "statement.effect" && it.value.is_none());
                if !is_nothing && !is_told(&review, &it.address()) {
                    silent.insert(format!("{argument} → {:?}", it.value));
                }
            }
        }
        let mut by_argument: BTreeMap<String, Vec<&Mutation>> = BTreeMap::new();
        for it in mutations.iter().filter(|it| !it.tf_type.starts_with("data.")) {
            by_argument.entry(it.argument()).or_default().push(it);
        }
        let all: Vec<_> = by_argument.into_iter().collect();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            let parts = all.chunks(all.len().div_ceil(threads));
            let threads: Vec<_> = parts
                .map(|part| {
                    scope.spawn(|| {
                        let is = |all: &[&Mutation]| all.iter().any(|it| is_found(&base, root, it));
                        part.iter().map(|(it, all)| (it.clone(), is(all))).collect::<Vec<_>>()
                    })
                })
                .collect();
            for (argument, is) in threads.into_iter().flat_map(|it| it.join().unwrap()) {
                *found.entry(argument).or_default() |= is;
            }
        });
    }
    assert_eq!(silent, BTreeSet::new(), "these mutations have no finding");
    let without = found.iter().filter(|(_, found)| !**found).map(|(argument, _)| argument.as_str());
    let harmless: BTreeSet<&str> = HARMLESS.iter().map(|it| it.0).collect();
    assert_eq!(without.collect::<BTreeSet<_>>(), harmless, "arguments without a finding");
}

#[test]
fn every_type_is_in_one_of_the_roots() {
    let types = |of: &dyn Fn(&str) -> bool| {
        let mut types = BTreeSet::new();
        for (_, text) in
            Tree::today().0.iter().filter(|it| it.0.ends_with("/main.tf.json") && of(it.0))
        {
            let file: Value = serde_json::from_str(text).unwrap();
            types.extend(file["resource"].as_object().into_iter().flatten().map(|it| it.0.clone()));
        }
        types
    };
    let is_in = |path: &str| ROOTS.iter().any(|it| path.starts_with(&format!("generated/{it}/")));
    assert_eq!(types(&is_in), types(&|_| true));
}

/// The first block of each type in the roots: root, module, type and name.
fn firsts(tree: &Tree) -> Vec<(&'static str, String, String, String)> {
    let (mut seen, mut firsts) = (BTreeSet::new(), Vec::new());
    for root in ROOTS {
        let prefix = format!("generated/{root}/modules/");
        for (path, text) in tree.0.iter().filter(|it| it.0.starts_with(&prefix)) {
            let Some(module) = path[prefix.len()..].strip_suffix("/main.tf.json") else { continue };
            let file: Value = serde_json::from_str(text).unwrap();
            for (tf_type, blocks) in file["resource"].as_object().into_iter().flatten() {
                let name = blocks.as_object().unwrap().keys().next().unwrap();
                if seen.insert(tf_type.clone()) {
                    firsts.push((root, module.to_owned(), tf_type.clone(), name.clone()));
                }
            }
        }
    }
    firsts
}

/// Types of which a block can go without a finding, each with the reason.
const GOES: &[(&str, &str)] = &[
    (
        "aws_api_gateway_deployment",
        "the stage that shows it must name another one, which is a finding",
    ),
    ("aws_api_gateway_model", "the method that uses it must require less, which is a finding"),
    (
        "aws_api_gateway_request_validator",
        "the method that uses it must require less, which is a finding",
    ),
];

/// A removed block of any type is listed, and is a finding.
#[test]
fn no_block_goes_in_silence() {
    let today = Tree::today();
    let mut without = BTreeSet::new();
    for (root, module, tf_type, name) in firsts(&today) {
        let base = of_root(&today, root);
        let mut head = Tree(base.0.clone());
        head.file(&format!("{root}/modules/{module}/main.tf.json"), |file| {
            file["resource"][&tf_type].as_object_mut().unwrap().remove(&name).unwrap();
        });
        let review = reviewed(&base, &head);
        let address = format!("module.{module}.{tf_type}.{name}");
        assert!(is_told(&review, &address), "{address}");
        if review.findings.is_empty() {
            without.insert(tf_type);
        }
    }
    assert_eq!(without, GOES.iter().map(|it| it.0.to_owned()).collect(), "goes without a finding");
}

/// Types of which another block can come without a finding, each with the reason.
const COMES: &[(&str, &str)] = &[
    ("aws_api_gateway_api_key", "it opens nothing until a usage plan has it, which is a finding"),
    (
        "aws_api_gateway_request_validator",
        "it checks nothing until a method names it, which is a finding",
    ),
    (
        "aws_api_gateway_rest_api",
        "it has no route: each new route without authorization is a finding",
    ),
];

/// A second block that differs from the first only in its address: of most resources, AWS keeps one.
#[test]
fn no_block_comes_a_second_time_in_silence() {
    let today = Tree::today();
    let mut without = BTreeSet::new();
    for (root, module, tf_type, name) in firsts(&today) {
        let base = of_root(&today, root);
        let mut head = Tree(base.0.clone());
        head.file(&format!("{root}/modules/{module}/main.tf.json"), |file| {
            let blocks = &mut file["resource"][&tf_type];
            blocks["more"] = blocks[&name].clone();
        });
        let review = reviewed(&base, &head);
        let address = format!("module.{module}.{tf_type}.more");
        assert!(is_told(&review, &address), "{address}");
        let mut found = review.findings.iter().flat_map(|it| &it.addresses);
        if !found.any(|it| is_at(&address, it)) {
            without.insert(tf_type);
        }
    }
    assert_eq!(
        without,
        COMES.iter().map(|it| it.0.to_owned()).collect(),
        "comes without a finding"
    );
}
