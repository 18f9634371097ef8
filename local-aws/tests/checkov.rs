//! checkov over the plan of prod, and over the broken fixtures of the policy pack.
//!
//! No check of prod fails, by checkov's summary and exit code: it reads the suppressed findings from
//! `generated/prod/checkov.baseline.json`, which `infra-gen` writes from the typed suppressions.
//!
//! One run scans three kinds of plans: prod's own; prod with a broken copy next to each
//! block, because planning every fixture would take an hour; and prod without a block, for the fixtures that
//! remove one. Each broken copy is compared with a control: the same copy, not broken.
//!
//! It takes two to three minutes on two busy cores, the plan included; each scan of prod ten seconds.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![allow(clippy::print_stdout, reason = "a test prints its measurements")]

mod support;

use std::io::{self, Write as _};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use infra_core::{baseline, check::policy};
use infra_gen::{config::Environment, topology};
use local_aws::{Faithfulness, Tools};
use serde::Deserialize;
use serde_json::Value;
use support::Root;

#[derive(Debug, Deserialize)]
struct Fixture {
    rule: String,
    address: String,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    drop: Option<String>,
    /// The checks that checkov fails.
    checkov: BTreeSet<String>,
}

/// The checks of checkov over prod that the policy pack does not have, each with the reason.
const NOT_ASKED: &[(&str, &str)] = &[
    ("CKV_AWS_1", "iam/wildcard-action, for every policy and not for administrators alone"),
    ("CKV_AWS_61", "checks who may assume a role: policy/confused-deputy, by statement"),
    ("CKV_AWS_62", "iam/wildcard-action and iam/wildcard-resource"),
    ("CKV_AWS_63", "iam/wildcard-action"),
    ("CKV_AWS_107", "no action of ours gives out credentials; rights are typed, action by action"),
    ("CKV_AWS_108", "iam/wildcard-resource: reading data on every resource"),
    ("CKV_AWS_109", "iam/wildcard-resource: changing rights on every resource"),
    ("CKV_AWS_110", "iam/wildcard-resource: no action of ours changes rights"),
    ("CKV_AWS_111", "iam/wildcard-resource: writing on every resource"),
    ("CKV_AWS_175", "policy/firewall-managed-rules asks which rules there are, not whether any"),
    ("CKV_AWS_342", "policy/firewall-managed-rules and policy/firewall-rate: each rule acts"),
    ("CKV_AWS_356", "iam/wildcard-resource"),
    ("CKV2_AWS_40", "iam/wildcard-action: no role has all actions of IAM"),
];

type Failed = BTreeMap<(String, String), BTreeSet<String>>;

struct Report {
    resources: usize,
    failed: Failed,
    asked: BTreeSet<String>,
    skipped: usize,
    /// The summary of checkov.
    summary: String,
    success: bool,
}

/// Scans every plan in a folder. checkov skips the findings in the baseline.
fn scan(folder: &Path, baseline: Option<&Path>) -> Report {
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let tools = Tools::checkov(&tools).unwrap_or_else(|err| panic!("{err}"));
    let mut checkov = Command::new(tools.python());
    checkov.args(["-m", "checkov.main", "--directory"]).arg(folder).args([
        "--framework",
        "terraform_plan",
        "--skip-download",
        "--compact",
    ]);
    if let Some(baseline) = baseline {
        checkov.arg("--baseline").arg(baseline).arg("--output-baseline-as-skipped");
    }
    let json = folder.with_extension("report");
    let output = checkov
        .args(["--output", "cli", "--output", "json", "--output-file-path"])
        .arg(format!("console,{}", json.display()))
        // Values that are known only after the apply count as present. Without this variable, checkov reports them as missing.
        .env("EVAL_TF_PLAN_AFTER_UNKNOWN", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report = fs::read_to_string(&json).unwrap_or_else(|_| panic!("{said}"));
    let report: Value = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{said}"));
    assert_eq!(report["summary"]["parsing_errors"], 0, "{said}");
    let mut failed = Failed::new();
    let mut asked = BTreeSet::new();
    let text = |it: &Value, field: &str| it[field].as_str().unwrap().to_owned();
    for it in report["results"]["failed_checks"].as_array().unwrap() {
        let place = (text(it, "file_path"), text(it, "resource"));
        failed.entry(place).or_default().insert(text(it, "check_id"));
        asked.insert(text(it, "check_id"));
    }
    for it in report["results"]["passed_checks"].as_array().unwrap() {
        asked.insert(text(it, "check_id"));
    }
    let number = |field: &str| report["summary"][field].as_u64().unwrap() as usize;
    let printed = String::from_utf8_lossy(&output.stdout);
    let summary = printed.lines().find(|it| it.starts_with("Passed checks:")).unwrap_or_default();
    Report {
        resources: number("resource_count"),
        failed,
        asked,
        skipped: number("skipped"),
        summary: summary.to_owned(),
        success: output.status.success(),
    }
}

/// checkov reports 40 consecutive letters, digits and slashes as a secret of AWS, and it checks the
/// path of the plan, too. So the plans are in a folder whose path has no such text.
fn looks_like_a_secret(path: &Path) -> bool {
    let path = path.to_string_lossy();
    let mut runs = path.split(|it: char| !(it.is_ascii_alphanumeric() || "/+=".contains(it)));
    runs.any(|it| it.len() == 40)
}

/// A fresh folder for plans of these names, below what cargo builds.
fn folder_for(names: &[&str]) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut folders = ["checkov-plans", "plans-for-checkov"].into_iter().map(|it| target.join(it));
    let folder = folders
        .find(|folder| !names.iter().any(|it| looks_like_a_secret(&folder.join(it))))
        .expect("checkov takes the path of cargo's target folder for a secret: use another one");
    let _ = fs::remove_dir_all(&folder);
    folder
}

/// The resources that a plan creates. checkov judges data sources, and does not count them.
fn planned(plan: &Value) -> usize {
    let modules = plan["planned_values"]["root_module"]["child_modules"].as_array().unwrap();
    let all = modules.iter().flat_map(|it| it["resources"].as_array().unwrap());
    all.filter(|it| it["mode"] == "managed").count()
}

/// Every place of a resource in a plan.
const LISTS: usize = 3;

/// The lists of a plan that have a resource of a module, each with the prefix of its name
/// there.
fn lists<'p>(plan: &'p mut Value, module: &str) -> [&'p mut Vec<Value>; LISTS] {
    let Value::Object(fields) = plan else { panic!("a plan is an object") };
    let (mut values, mut changes, mut configuration) = (None, None, None);
    for (name, it) in fields.iter_mut() {
        match name.as_str() {
            "planned_values" => {
                let modules = it["root_module"]["child_modules"].as_array_mut().unwrap();
                let address = format!("module.{module}");
                let mut all = modules.iter_mut();
                let here = all.find(|it| it["address"] == address.as_str()).unwrap();
                values = here["resources"].as_array_mut();
            }
            "resource_changes" => changes = it.as_array_mut(),
            "configuration" => {
                let module = &mut it["root_module"]["module_calls"][module]["module"];
                configuration = module["resources"].as_array_mut();
            }
            _ => (),
        }
    }
    [values.unwrap(), changes.unwrap(), configuration.unwrap()]
}

/// `module.sqs.aws_sqs_queue.orders`: the module, and the address inside it.
fn split(address: &str) -> (&str, &str) {
    address.strip_prefix("module.").unwrap().split_once('.').unwrap()
}

fn drop_block(plan: &mut Value, address: &str) {
    let (module, local) = split(address);
    for list in lists(plan, module) {
        let before = list.len();
        list.retain(|it| it["address"] != address && it["address"] != local);
        assert_eq!(list.len() + 1, before, "{address}");
    }
}

/// Adds a copy of a block with another name and the arguments of the fixture. A data source that Terraform reads
/// during the apply is not in the plan, so it has no copy.
fn copy(plan: &mut Value, address: &str, name: &str, set: &BTreeMap<String, Value>) -> bool {
    let (module, local) = split(address);
    let mut copied = false;
    for list in lists(plan, module) {
        let Some(original) =
            list.iter().find(|it| it["address"] == address || it["address"] == local)
        else {
            continue;
        };
        let mut copy = original.clone();
        for rules in ["/values/rule", "/change/after/rule"] {
            // Terraform sorts a set in its own way, and the fixtures use the order of the source.
            if let Some(Value::Array(rules)) = copy.pointer_mut(rules) {
                rules.sort_by_key(|it| it["priority"].as_u64());
            }
        }
        let (before, _) = copy["address"].as_str().unwrap().rsplit_once('.').unwrap();
        copy["address"] = format!("{before}.{name}").into();
        copy["name"] = name.into();
        for (pointer, value) in set {
            for (part, value) in [
                ("/values", value),
                ("/change/after", value),
                ("/change/after_unknown", &Value::Null),
            ] {
                put(&mut copy, &format!("{part}{pointer}"), value);
            }
            let argument = pointer.trim_start_matches('/');
            if value.is_null()
                && let Some(Value::Object(expressions)) = copy.get_mut("expressions")
            {
                expressions.remove(argument);
            }
        }
        copied |= copy.get("values").is_some();
        list.push(copy);
    }
    copied
}

/// Sets the value at a pointer, if its parent exists. `null` removes it.
fn put(body: &mut Value, pointer: &str, value: &Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent) {
        Some(Value::Object(fields)) if value.is_null() => drop(fields.remove(last)),
        Some(Value::Object(fields)) => drop(fields.insert(last.to_owned(), value.clone())),
        Some(Value::Array(items)) if value.is_null() => {
            let at: usize = last.parse().unwrap();
            if at < items.len() {
                items.remove(at);
            }
        }
        _ => (),
    }
}

/// The checks that a baseline suppresses, by resource.
fn set_aside(baseline: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for it in baseline["failed_checks"][0]["findings"].as_array().unwrap() {
        let checks = it["check_ids"].as_array().unwrap().iter();
        let checks = checks.map(|it| it.as_str().unwrap().to_owned());
        all.entry(it["resource"].as_str().unwrap().to_owned()).or_default().extend(checks);
    }
    all
}

/// The failures of a report by resource, from all files.
fn by_resource(failed: &Failed) -> BTreeMap<String, BTreeSet<String>> {
    failed.iter().map(|((_, address), checks)| (address.clone(), checks.clone())).collect()
}

#[test]
fn no_check_of_checkov_fails_in_prod_and_checkov_agrees_with_the_pack_on_the_fixtures() {
    let root = Root::init("checkov", Environment::Prod, Faithfulness::Patched);
    root.run(&["plan", "-input=false", "-out=plan.tfplan"]);
    let plan = root.plan("plan.tfplan");

    let work = folder_for(&["prod/plan", "broken/copies", "broken/without"]);
    let alone = work.join("prod");
    let broken = work.join("broken");
    let write = |folder: &Path, name: &str, plan: &Value| {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(name), plan.to_string()).unwrap();
    };
    write(&alone, "plan.json", &plan);

    // prod as it is, with the committed file of suppressions: no check fails.
    let committed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join("generated/prod")
        .join(baseline::FILE);
    let clean = scan(&alone, Some(&committed));
    let _ = writeln!(
        io::stdout(),
        "measured: checkov over the plan of prod, {} resources: {}",
        clean.resources,
        clean.summary
    );
    assert_eq!(clean.resources, planned(&plan), "checkov does not see every resource");
    assert_eq!(
        (clean.failed.len(), clean.success),
        (0, true),
        "{}: {:#?}",
        clean.summary,
        clean.failed
    );
    let text = fs::read_to_string(&committed).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    let aside = set_aside(&file);
    assert_eq!(clean.skipped, aside.values().map(BTreeSet::len).sum::<usize>());
    assert!(topology::dofs(Environment::Prod).suppressions().len() <= 7);

    // Without the file, exactly the suppressed checks fail, so no suppression is unnecessary.
    let prod = scan(&alone, None);
    let _ = writeln!(io::stdout(), "measured: checkov without suppressions: {}", prod.summary);
    assert_eq!(by_resource(&prod.failed), aside);
    assert!(!prod.success);

    // With one suppression less, exactly that check fails.
    let less = work.join("less.json");
    let findings = file["failed_checks"][0]["findings"].as_array_mut().unwrap();
    let gone = findings.pop().unwrap();
    fs::write(&less, file.to_string()).unwrap();
    let missed = scan(&alone, Some(&less));
    let resource = gone["resource"].as_str().unwrap();
    assert_eq!(missed.failed.keys().map(|it| it.1.as_str()).collect::<Vec<_>>(), [resource]);
    assert!(!missed.success);

    // The policy pack has each check of checkov, or a reason why not.
    let asked: BTreeSet<&str> = policy::pack().flat_map(|it| it.also).copied().collect();
    let told: BTreeSet<&str> = NOT_ASKED.iter().map(|it| it.0).collect();
    let unknown: Vec<_> = prod
        .asked
        .iter()
        .filter(|it| !asked.contains(it.as_str()) && !told.contains(it.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "neither checked by the pack nor listed with a reason: {unknown:?}"
    );
    let idle: Vec<_> = told.iter().filter(|it| !prod.asked.contains(**it)).collect();
    assert!(idle.is_empty(), "checkov does not ask these: {idle:?}");

    // The fixtures: the pack flags each of them by its rule (infra-gen/tests/generated/policy.rs),
    // and what checkov flags is in the table.
    let fixtures: Vec<Fixture> =
        serde_json::from_str(include_str!("../../infra-gen/tests/generated/policy_fixtures.json"))
            .unwrap();
    let mut copies = plan.clone();
    let (mut absent, mut controls) = (BTreeSet::new(), BTreeSet::new());
    for (at, fixture) in fixtures.iter().enumerate() {
        match &fixture.drop {
            Some(dropped) => {
                let mut plan = plan.clone();
                drop_block(&mut plan, dropped);
                write(&broken, &format!("without-{at}.json"), &plan);
            }
            None => {
                if controls.insert(fixture.address.as_str()) {
                    copy(&mut copies, &fixture.address, "control", &BTreeMap::new());
                }
                let name = format!("broken_{at}");
                if !copy(&mut copies, &fixture.address, &name, &fixture.set) {
                    absent.insert(at);
                }
            }
        }
    }
    write(&broken, "copies.json", &copies);
    let found = scan(&broken, None).failed;
    let of = |file: &str, address: &str| -> BTreeSet<String> {
        found.get(&(format!("/{file}"), address.to_owned())).cloned().unwrap_or_default()
    };
    let mut wrong = Vec::new();
    for (at, fixture) in fixtures.iter().enumerate() {
        let beyond: BTreeSet<String> = match &fixture.drop {
            Some(_) => {
                let file = format!("without-{at}.json");
                let here = found.iter().filter(|((it, _), _)| *it == format!("/{file}"));
                here.flat_map(|((_, address), checks)| {
                    let before = prod.failed.get(&("/plan.json".to_owned(), address.clone()));
                    checks
                        .difference(before.unwrap_or(&BTreeSet::new()))
                        .cloned()
                        .collect::<Vec<_>>()
                })
                .collect()
            }
            None if absent.contains(&at) => BTreeSet::new(),
            None => {
                let before = fixture.address.rsplit_once('.').unwrap().0;
                let broken = of("copies.json", &format!("{before}.broken_{at}"));
                let control = of("copies.json", &format!("{before}.control"));
                broken.difference(&control).cloned().collect()
            }
        };
        if beyond != fixture.checkov {
            wrong.push(format!("{at} {} at {}: {beyond:?}", fixture.rule, fixture.address));
        }
    }
    assert!(wrong.is_empty(), "checkov finds other things than the table says: {wrong:#?}");
}
