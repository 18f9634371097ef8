//! How long a review takes of a change that touches every resource of three environments:
//! `cargo bench -p infra-gen --bench review`. Measured on two cores that fifteen other jobs wanted, too:
//! 25 ms of processor time for each review, 70 ms by the clock.

#![allow(clippy::unwrap_used, reason = "a measurement may fail where it stands")]
#![expect(clippy::print_stdout, reason = "it is for people who ask")]

#[path = "../tests/review/patch.rs"]
#[allow(dead_code, reason = "only the trees are needed here")]
mod patch;

use std::{path::Path, time::Instant};

use infra_gen::{
    cost::Orders,
    review::{self, Files, TerraformAction},
};
use serde_json::{Value, json};

const RUNS: usize = 50;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/review/fixture");
    let base = patch::files_below(&here);
    let head: Files = base.iter().map(|(path, text)| (path.clone(), touched(path, text))).collect();
    let review = review::review(&base, &head, Orders::DEFAULT).unwrap();
    let of = |it: &&review::Change| {
        matches!(it.action, TerraformAction::Update | TerraformAction::Replace)
    };
    let touched = review
        .changes
        .iter()
        .filter(of)
        .map(|it| it.environments.len() * it.addresses.len())
        .sum::<usize>();
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(review::review(&base, &head, Orders::DEFAULT).unwrap());
            start.elapsed()
        })
        .collect();
    times.sort();
    let (median, worst) = (times[RUNS / 2], times[RUNS - 1]);
    println!("{touched} blocks changed, {} findings", review.findings.len());
    println!("median {median:.1?}, worst of {RUNS} runs {worst:.1?}");
}

/// Every block with another value in it, every number raised, and every state with another name.
fn touched(path: &str, text: &str) -> String {
    let mut file: Value = serde_json::from_str(text).unwrap();
    if path.ends_with("main.tf.json") {
        for section in ["resource", "data"] {
            for blocks in file.get_mut(section).and_then(Value::as_object_mut).into_iter().flatten()
            {
                for block in blocks.1.as_object_mut().unwrap().values_mut() {
                    raise(block);
                    block["tags"] = json!({ "Touched": "yes" });
                    if let Some(statement) = block.pointer_mut("/statement/0/actions/0") {
                        *statement = json!("dynamodb:Scan");
                    }
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
        Value::Number(number) => *value = json!(number.as_f64().unwrap() + 1.0),
        Value::Array(items) => items.iter_mut().for_each(raise),
        Value::Object(fields) => fields.values_mut().for_each(raise),
        _ => (),
    }
}
