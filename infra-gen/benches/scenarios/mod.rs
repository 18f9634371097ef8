//! The measured pieces of the generator: by time in `benches/generator.rs`, and by
//! instructions in `cargo xtask instructions`.

use std::{collections::BTreeMap, hint::black_box, path::Path};

use contracts::order::OrderSubmitted;
use infra_core::{
    check,
    model::{
        ModuleName, Scope, Stack,
        flow::{self, Ended, Flow},
        limits::{LogRetention, StateTimeout, WaitSeconds},
        machine::MachineSpec,
        stack::Finished,
    },
    render, resource,
};
use infra_gen::{
    cli::{Format, Write},
    config::{AccountId, Environment, Region},
    run, topology,
};
use infra_review::{Files, cost::Orders, source};
use serde_json::{Value, json};

/// The work that is measured. Its input is prepared before.
pub(crate) type Work = Box<dyn Fn()>;

/// Makes everything that a piece needs.
type Ready = fn() -> Work;

/// Each piece, and how it is made ready.
pub(crate) const ALL: [(&str, Ready); 7] = [
    ("topology", topology),
    ("rendering", rendering),
    ("provider-schema", provider_schema),
    ("asl", asl),
    ("checks", checks),
    ("review", review),
    ("generate", generate),
];

/// A piece by its name.
pub(crate) fn named(name: &str) -> Option<Work> {
    ALL.iter().find(|it| it.0 == name).map(|it| it.1())
}

/// The largest environment, from its configuration to a stack, its state machine lowered.
fn topology() -> Work {
    Box::new(|| drop(black_box(topology::dofs(Environment::Prod))))
}

/// Its stack to text.
fn rendering() -> Work {
    let (stack, backend) = prod();
    Box::new(move || drop(black_box(render::root(&stack, Some(&backend)))))
}

/// Its blocks against the provider's schemas.
fn provider_schema() -> Work {
    let (stack, _) = prod();
    Box::new(move || assert_eq!(check::provider::stack(black_box(&stack)), []))
}

/// A long state machine: lowered, rendered and checked; and the order machine, checked.
fn asl() -> Work {
    // A state's name lives as long as the program, and this is made once.
    let names: Vec<&str> = (0..60).map(|it| &*format!("Wait{it}").leak()).collect();
    let order = document(&prod().0, "order.asl.json");
    Box::new(move || {
        let long = document(&chain(&names), "chain.asl.json");
        assert_eq!(check::asl::check("long", black_box(&long)), []);
        assert_eq!(check::asl::check("order", black_box(&order)), []);
    })
}

/// Everything that must hold before the largest environment is written.
fn checks() -> Work {
    let (stack, _) = prod();
    Box::new(move || assert_eq!(check::stack(black_box(&stack)), []))
}

/// A change that touches every resource of three environments, as text.
fn review() -> Work {
    let here = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../infra-gen/tests/review/fixture"));
    let base = source::folder(here).expect("the fixture is a folder of this repository");
    let touch = |(path, text): (&String, &String)| (path.clone(), touched(path, text));
    let head: Files = base.iter().map(touch).collect();
    Box::new(move || {
        let review =
            infra_review::review(&base, &head, Orders::DEFAULT).expect("both trees can be read");
        assert!(!black_box(review).changes.is_empty());
    })
}

/// The command: the largest environment, checked and written.
fn generate() -> Work {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    Box::new(move || {
        let out = Some(folder.path().to_owned());
        let args = Write { env: Some(Environment::Prod), check: false, out, format: Format::Json };
        let told = run::write(&args).expect("the folder can be written");
        assert!(told.success, "{}", told.err);
    })
}

fn prod() -> (Finished, infra_core::model::backend::Backend) {
    (topology::dofs(Environment::Prod), topology::backend(Environment::Prod.config()))
}

/// A document of a stack.
fn document(stack: &Stack, name: &str) -> Value {
    let files = render::root(stack, None);
    let text = files.iter().find(|(path, _)| path.ends_with(name)).map(|it| it.1);
    serde_json::from_str(text.expect("the machine has a document")).expect("it is JSON")
}

/// A stack with one state machine, of these states in a row.
fn chain(names: &[&'static str]) -> Finished {
    const MACHINES: ModuleName = ModuleName::new("machines");
    const DAY: StateTimeout = StateTimeout::new(86_400);
    let mut stack = Stack::new(Scope {
        accounts: vec![const { AccountId::new("111122223333") }],
        region: Region::EuWest1,
        prefix: "chain".to_owned(),
        tags: BTreeMap::new(),
    });
    let done: Flow<OrderSubmitted, Ended> = flow::succeed("Done");
    let flow = names
        .iter()
        .rev()
        .fold(done, |flow, name| flow::wait(*name, const { WaitSeconds::new(1) }).then(flow));
    stack.module(MACHINES).state_machine(
        resource!(
            /// Waits many times.
            "chain"
        ),
        MachineSpec { timeout: DAY, log_retention: const { LogRetention::days(7) } },
        flow,
    );
    stack.finish()
}

/// Every block with another value in it, every number raised, and every state with another name.
fn touched(path: &str, text: &str) -> String {
    let Ok(mut file) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    if path.ends_with("main.tf.json") {
        for section in ["resource", "data"] {
            let types = file.get_mut(section).and_then(Value::as_object_mut);
            let named = types.into_iter().flatten().filter_map(|(_, it)| it.as_object_mut());
            for block in named.flat_map(|it| it.values_mut()) {
                raise(block);
                block["tags"] = json!({ "Touched": "yes" });
                if let Some(action) = block.pointer_mut("/statement/0/actions/0") {
                    *action = json!("dynamodb:Scan");
                }
            }
        }
    } else if path.ends_with(".asl.json") {
        raise(&mut file);
    }
    format!("{file:#}\n")
}

fn raise(value: &mut Value) {
    match value {
        Value::Number(number) => {
            *value = json!(number.as_f64().expect("JSON's numbers are") + 1.0);
        }
        Value::Array(items) => items.iter_mut().for_each(raise),
        Value::Object(fields) => fields.values_mut().for_each(raise),
        _ => (),
    }
}
