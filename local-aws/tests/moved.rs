//! Renamed resources: an older state loses no resource by them. Thirteen runs of Terraform take 150 s on two
//! busy cores, after the installation of the emulator.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::collections::BTreeMap;

use contracts::order::{FailedOrder, OrderRecord};
use function_contract::kind::Table;
use infra_core::{
    check,
    model::{
        Handle, Id, ModuleName, Scope, Stack, import::ImportId, key::Encryption,
        limits::KeyDeletionWindow, name::Was, refactor::Fate, table::TableSpec,
    },
    render, resource,
};
use infra_gen::config::{AccountId, Region};
use local_aws::Account;
use serde_json::Value;
use support::Root;

const ACCOUNT: AccountId = AccountId::new("444455556666");
const REGION: Region = Region::EuWest1;
const WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(7);
const A: ModuleName = ModuleName::new("a");
const B: ModuleName = ModuleName::new("b");

const ORDERS: Id = resource!(
    /// Orders.
    "orders"
);
const ORDER_TABLE: Id = resource!(
    /// Orders.
    "order_table"
);
const KEY: Id = resource!(
    /// Encrypts orders.
    "orders"
);
const KEY_OF_TABLES: Id = resource!(
    /// Encrypts orders.
    "tables"
);
const FAILED: Id = resource!(
    /// Failed orders.
    "failed"
);

/// A table and its key.
fn orders(stack: &mut Stack, module: ModuleName, key: Id, id: Id) {
    let mut module = stack.module(module);
    let key = module.key(key, WINDOW);
    let spec = TableSpec { encryption: Encryption::Customer(&key), deletion_protection: false };
    let _: Handle<Table<OrderRecord>> = module.table(id, spec);
}

fn failed(stack: &mut Stack) -> Handle<Table<FailedOrder>> {
    let spec = TableSpec { encryption: Encryption::Aws, deletion_protection: false };
    stack.module(A).table(FAILED, spec)
}

fn files(topology: impl FnOnce(&mut Stack)) -> BTreeMap<String, String> {
    let mut stack = Stack::new(Scope {
        accounts: vec![ACCOUNT],
        region: REGION,
        prefix: "moved".to_owned(),
        tags: BTreeMap::new(),
    });
    topology(&mut stack);
    let stack = stack.finish();
    // Nothing uses these tables: the lints for resources without use report that.
    let broken = check::stack(&stack).into_iter().filter(|it| !it.rule.starts_with("wiring/"));
    assert_eq!(broken.collect::<Vec<_>>(), []);
    render::root(&stack, None)
}

/// The actions of a plan, by address, except reads and no-ops.
fn planned(root: &Root) -> BTreeMap<String, Vec<String>> {
    root.run(&["plan", "-input=false", "-out=it.tfplan"]);
    let plan = root.plan("it.tfplan");
    let changes = plan["resource_changes"].as_array().unwrap().iter();
    let actions = |it: &Value| -> Vec<String> {
        let actions = it["change"]["actions"].as_array().unwrap().iter();
        actions.map(|it| it.as_str().unwrap().to_owned()).collect()
    };
    changes
        .map(|it| (it["address"].as_str().unwrap().to_owned(), actions(it)))
        .filter(|(_, actions)| !matches!(actions[0].as_str(), "no-op" | "read"))
        .collect()
}

fn applied(root: &Root) -> String {
    root.run(&["apply", "-input=false", "-auto-approve"])
}

#[test]
fn an_older_state_loses_no_resource() {
    let account = Account { id: ACCOUNT.as_str().into(), region: REGION.as_str().into() };
    let before = files(|stack| {
        orders(stack, A, KEY, ORDERS);
        failed(stack);
    });
    let root = Root::of("moved", &account, before);
    assert!(applied(&root).contains("4 added"));

    // Another module and other names, without `moved` blocks: everything would be destroyed.
    root.replace(files(|stack| orders(stack, B, KEY_OF_TABLES, ORDER_TABLE)));
    let lost = planned(&root).values().filter(|it| it.contains(&"delete".to_owned())).count();
    assert_eq!(lost, 4);

    // The same with `moved` blocks: nothing is destroyed, and the names in AWS do not change.
    const WAS: &[Was] = &[Was::in_module(A, "orders")];
    let moved = |stack: &mut Stack| {
        orders(stack, B, KEY_OF_TABLES.was(WAS), ORDER_TABLE.was(WAS));
    };
    root.replace(files(|stack| {
        moved(stack);
        stack.removed(const { A.at("aws_dynamodb_table.failed") }, Fate::Kept);
    }));
    let kept = [("module.a.aws_dynamodb_table.failed".to_owned(), vec!["forget".to_owned()])];
    assert_eq!(planned(&root), BTreeMap::from(kept));
    let said = applied(&root);
    assert!(said.contains("0 added, 0 changed, 0 destroyed"), "{said}");

    // A resource that AWS kept is imported into the state, by its name.
    root.replace(files(|stack| {
        moved(stack);
        let failed = failed(stack);
        stack.import(&failed, ImportId::table("moved-failed"));
    }));
    let said = applied(&root);
    assert!(said.contains("1 imported, 0 added, 0 changed, 0 destroyed"), "{said}");
    assert_eq!(planned(&root), BTreeMap::new());
}
