//! Checks that an address may disappear only if the topology declares what became of it.

use std::collections::BTreeMap;

use contracts::order::{FailedOrder, OrderAccepted, OrderRecord};
use function_contract::kind::{Queue, Table};
use infra_core::{
    ledger::{self, Ledger},
    model::{
        Handle, Id, ModuleName, Scope, Stack,
        import::ImportId,
        name::Was,
        refactor::{At, Fate},
        stack::Finished,
    },
    render, resource,
};
use infra_gen::config::{AccountId, Region};
use serde_json::{Value, json};

use crate::kit::*;

const PATH: &str = "generated/dev/addresses.txt";
const OLD: ModuleName = ModuleName::new("old");

/// Compares a committed stack with a later one, and checks the broken rules, by address.
#[track_caller]
fn check(before: impl FnOnce(&mut Stack), now: impl FnOnce(&mut Stack), expected: &[(&str, &str)]) {
    let (before, now) = (finished(before), finished(now));
    let mut found = violations(&now);
    found.extend(ledger::check(PATH, &Ledger::of(&before).text(), &Ledger::of(&now)));
    let listed: Vec<_> = found.iter().map(ToString::to_string).collect();
    let found: Vec<_> = found.iter().map(|it| (it.rule, it.address.as_str())).collect();
    assert_eq!(found, expected, "{}", listed.join("\n"));
}

fn finished(topology: impl FnOnce(&mut Stack)) -> Finished {
    let mut stack = stack("dofs-test");
    topology(&mut stack);
    stack.finish()
}

const ORDERS: Id = resource!(
    /// Orders.
    "orders"
);
const RENAMED: Id = resource!(
    /// Orders.
    "order_table"
);

fn a_table(module: ModuleName, id: Id) -> impl FnOnce(&mut Stack) {
    move |stack| drop(add(stack, module, id))
}

fn add(stack: &mut Stack, module: ModuleName, id: Id) -> Handle<Table<OrderRecord>> {
    stack.module(module).table(id, table_spec())
}

const TABLE: &str = "module.a.aws_dynamodb_table.orders";

#[test]
fn an_address_does_not_vanish() {
    check(a_table(A, ORDERS), a_table(A, ORDERS), &[]);
    check(|_| (), a_table(A, ORDERS), &[]);
    check(a_table(A, ORDERS), |_| (), &[("ledger/vanished", TABLE)]);
    check(a_table(A, ORDERS), a_table(A, RENAMED), &[("ledger/vanished", TABLE)]);
    check(a_table(A, ORDERS), a_table(B, ORDERS), &[("ledger/vanished", TABLE)]);
}

#[test]
fn it_goes_where_the_topology_says() {
    const WAS: &[Was] = &[Was::named("orders")];
    const MOVED: &[Was] = &[Was::in_module(A, "orders")];
    check(a_table(A, ORDERS), a_table(A, RENAMED.was(WAS)), &[]);
    check(a_table(A, ORDERS), a_table(B, ORDERS.was(MOVED)), &[]);
    let module_moved = |stack: &mut Stack| {
        add(stack, B, ORDERS);
        stack.module_moved(A, B);
    };
    check(a_table(A, ORDERS), module_moved, &[]);
    // A module moves with what is in it: what is not there any more goes.
    let emptied = |stack: &mut Stack| {
        add(stack, B, RENAMED);
        stack.module_moved(A, B);
    };
    check(a_table(A, ORDERS), emptied, &[("ledger/vanished", TABLE)]);
    for fate in [Fate::Destroyed, Fate::Kept] {
        let removed = move |stack: &mut Stack| stack.removed(GONE, fate);
        check(a_table(A, ORDERS), removed, &[]);
    }
}

const GONE: At = A.at("aws_dynamodb_table.orders");

#[test]
fn what_was_said_is_not_forgotten() {
    const WAS: &[Was] = &[Was::named("orders")];
    let forgotten = &[("ledger/forgotten", TABLE)];
    check(a_table(A, RENAMED.was(WAS)), a_table(A, RENAMED), forgotten);
    check(|it| it.removed(GONE, Fate::Destroyed), |_| (), forgotten);
    check(|it| it.removed(GONE, Fate::Kept), |_| (), forgotten);
    let module_moved = |stack: &mut Stack| {
        add(stack, B, ORDERS);
        stack.module_moved(A, B);
    };
    check(module_moved, a_table(B, ORDERS), &[("ledger/forgotten", "module.a")]);
}

#[test]
fn what_is_said_is_true() {
    const TWICE: &[Was] = &[Was::named("orders"), Was::named("orders")];
    let removed = |stack: &mut Stack| {
        add(stack, A, ORDERS);
        stack.removed(GONE, Fate::Destroyed);
    };
    check(|_| (), removed, &[("ledger/removed-still-there", TABLE)]);
    let still_there = |stack: &mut Stack| {
        add(stack, A, ORDERS);
        let other: Handle<Table<FailedOrder>> =
            stack.module(A).table(RENAMED.was(const { &[Was::named("orders")] }), table_spec());
        drop(other);
    };
    check(|_| (), still_there, &[("ledger/moved-still-there", TABLE)]);
    let nowhere = |stack: &mut Stack| stack.moved(GONE, B.at("aws_dynamodb_table.orders"));
    check(|_| (), nowhere, &[("ledger/moved-nowhere", TABLE)]);
    let module_nowhere = |stack: &mut Stack| stack.module_moved(OLD, A);
    check(|_| (), module_nowhere, &[("ledger/moved-nowhere", "module.old")]);
    let type_changed = |stack: &mut Stack| {
        add(stack, A, ORDERS);
        stack.moved(A.at("aws_sqs_queue.orders"), GONE);
    };
    check(|_| (), type_changed, &[("ledger/moved-type", "module.a.aws_sqs_queue.orders")]);
    let twice = a_table(A, RENAMED.was(TWICE));
    let both = [("ledger/moved-twice", TABLE), ("ledger/moved-twice", TABLE)];
    check(|_| (), twice, &both);
    let contradicted = |stack: &mut Stack| {
        add(stack, A, RENAMED.was(const { &[Was::named("orders")] }));
        stack.removed(GONE, Fate::Kept);
    };
    check(|_| (), contradicted, &[("ledger/removed-still-there", TABLE)]);
}

#[test]
fn an_import_goes_into_its_own_stack() {
    let mut other = stack("other");
    let foreign = add(&mut other, A, ORDERS);
    let import = |stack: &mut Stack| stack.import(&foreign, ImportId::table("by-hand"));
    check(|_| (), import, &[("ledger/import-nowhere", TABLE)]);
}

/// With another prefix, account or region, every resource is another one.
#[test]
fn a_root_does_not_move() {
    fn check(scope: impl FnOnce(&mut Scope), expected: &[&str]) {
        let before = Ledger::of(&finished(|_| ())).text();
        let mut now = stack("dofs-test").scope().clone();
        scope(&mut now);
        let now = Ledger::of(&Stack::new(now).finish());
        let found = |before: &str| ledger::check(PATH, before, &now);
        assert_eq!(found(&before).iter().map(|it| it.rule).collect::<Vec<_>>(), expected);
        // A ledger of an earlier version, or one whose line was deleted.
        let without = before.lines().filter(|it| !it.starts_with("root ")).collect::<Vec<_>>();
        assert_eq!(found(&without.join("\n")), []);
    }
    const MOVED: &[&str] = &["ledger/elsewhere"];
    check(|_| (), &[]);
    check(|it| it.prefix = "dofs-prod".to_owned(), MOVED);
    check(|it| it.region = Region::EuCentral1, MOVED);
    check(|it| it.accounts = vec![AccountId::new("210987654321")], MOVED);
    check(|it| it.accounts.clear(), MOVED);
    check(|it| drop(it.tags.insert("a".to_owned(), "b".to_owned())), &[]);
}

#[test]
fn a_line_that_no_ledger_has() {
    let ledger = finished(a_table(A, ORDERS));
    let marks = format!("<<<<<<< HEAD\n{TABLE}\n=======\nmodule.a.x -> \n>>>>>>> other\n");
    let found = ledger::check(PATH, &marks, &Ledger::of(&ledger));
    let places: Vec<_> = found.iter().map(|it| (it.rule, it.address.as_str())).collect();
    let at = [1, 3, 4, 5].map(|it| format!("{PATH}:{it}"));
    assert_eq!(places, at.each_ref().map(|it| ("ledger/unreadable", it.as_str())));
    // A merge that keeps the lines of both sides has an address twice. The line with its new address counts.
    let both = format!("{TABLE}\n{TABLE} -> module.a.aws_dynamodb_table.order_table\n");
    let moved = finished(a_table(A, RENAMED.was(const { &[Was::named("orders")] })));
    assert_eq!(ledger::check(PATH, &both, &Ledger::of(&moved)), []);
    let found = ledger::check(PATH, &both, &Ledger::of(&finished(a_table(A, RENAMED))));
    assert_eq!(found[0].rule, "ledger/forgotten");
}

#[test]
fn the_refusal_says_what_to_write() {
    let before = Ledger::of(&finished(a_table(A, ORDERS))).text();
    let fix = |now: Finished| ledger::check(PATH, &before, &Ledger::of(&now))[0].fix.clone();
    let renamed = fix(finished(a_table(A, RENAMED)));
    assert!(renamed.contains(r#"`.was(const { &[Was::named("orders")] })`"#), "{renamed}");
    let elsewhere = fix(finished(a_table(B, ORDERS)));
    assert!(elsewhere.contains(r#"Was::in_module(A, "orders")"#), "{elsewhere}");
    let gone = fix(finished(|_| ()));
    assert!(gone.contains(r#"A.at("aws_dynamodb_table.orders") }, Fate::Destroyed)"#), "{gone}");
}

fn files(topology: impl FnOnce(&mut Stack)) -> BTreeMap<String, String> {
    render::root(&finished(topology), None)
}

fn json(files: &BTreeMap<String, String>, path: &str) -> Value {
    serde_json::from_str(&files[path]).unwrap()
}

#[test]
fn what_terraform_reads() {
    let without = files(a_table(A, ORDERS));
    assert!(!without.contains_key("refactoring.tf.json"));
    let with = files(|stack| {
        let names = const { &[Was::in_module(OLD, "a"), Was::named("b")] };
        let orders = add(stack, A, ORDERS.was(names));
        stack.removed(const { OLD.at("aws_sqs_queue.q") }, Fate::Kept);
        stack.import(&orders, ImportId::table("by-${hand}"));
    });
    let table = |module: &str, name: &str| format!("module.{module}.aws_dynamodb_table.{name}");
    assert_eq!(
        json(&with, "refactoring.tf.json"),
        json!({
            // One step for each name, as Terraform wants it.
            "moved": [
                { "from": table("a", "b"), "to": table("a", "orders") },
                { "from": table("old", "a"), "to": table("a", "b") },
            ],
            "removed": [{ "from": "module.old.aws_sqs_queue.q", "lifecycle": { "destroy": false } }],
            "import": [{ "to": table("a", "orders"), "id": "by-$${hand}" }],
        })
    );
}

#[test]
fn the_ids_that_aws_asks_for() {
    let files = files(|stack| {
        let queue: Handle<Queue<OrderAccepted>> = queue(&mut stack.module(A), DAY, TWO_DAYS);
        stack.import(&queue, ImportId::queue(Region::EuWest1, ACCOUNT, "by-hand"));
    });
    let id = &json(&files, "refactoring.tf.json")["import"][0]["id"];
    assert_eq!(id, "https://sqs.eu-west-1.amazonaws.com/111122223333/by-hand");
}

/// Whatever follows from a resource moves with it, and AWS calls all of it what it did before.
#[test]
fn a_renamed_function_takes_everything_along() {
    let ids = |text: &BTreeMap<String, String>| {
        let main = json(text, "modules/a/main.tf.json")["resource"].clone();
        let named = ["function_name", "name", "alarm_name"];
        let mut names = Vec::new();
        for (tf_type, all) in main.as_object().unwrap() {
            for it in all.as_object().unwrap().values() {
                let literal = named.iter().filter_map(|key| it[key].as_str());
                let literal = literal.filter(|it| !it.starts_with("${"));
                names.extend(literal.map(|it| format!("{tf_type} {it}")));
            }
        }
        names
    };
    let before = finished(|stack| drop(a_function(stack, JUDGE)));
    let now = finished(|stack| {
        drop(a_function(stack, VALIDATOR.was(const { &[Was::named("judge")] })));
    });
    let (old, new) = (Ledger::of(&before).text(), Ledger::of(&now));
    assert_eq!(ledger::check(PATH, &old, &new), []);
    assert_eq!(now.moves().len(), 5, "{:?}", now.moves());
    let names = ids(&render::root(&before, None));
    assert!(names.contains(&"aws_iam_role dofs-test-judge".to_owned()), "{names:?}");
    assert_eq!(names, ids(&render::root(&now, None)));
    // Without a word about AWS, the name there follows the one in Terraform.
    let fresh = finished(|stack| drop(a_function(stack, VALIDATOR)));
    assert_ne!(names, ids(&render::root(&fresh, None)));
    let kept = finished(|stack| drop(a_function(stack, VALIDATOR.in_aws("judge"))));
    assert_eq!(names, ids(&render::root(&kept, None)));
}

const JUDGE: Id = resource!(
    /// Judges.
    "judge"
);
const VALIDATOR: Id = resource!(
    /// Judges.
    "validator"
);

fn a_function(stack: &mut Stack, id: Id) -> impl Sized {
    use contracts::functions::{Validator, ValidatorEnv};
    use function_contract::{kind::Function, setting::LogLevel};
    use infra_core::model::Wire;
    let env = ValidatorEnv {
        log_level: Wire::setting(LogLevel::Info),
        metrics_namespace: Wire::setting("n".parse().unwrap()),
    };
    let function: Handle<Function<Validator>> = stack.module(A).function(id, spec(env, SHORT));
    function
}
