//! Compares `readable` with the crate jsonschema, on random pairs of the schemas that payloads have.
//!
//! A pair is a random schema of the writer, and a random edit of it for the reader. If `readable` reports nothing, the
//! reader must accept everything that the writer writes. If it reports a problem, the writer must write something that the
//! reader refuses.
//!
//! Two kinds of pairs are refused although the reader accepts all values, and are not generated, because no payload has them:
//! several forms of a reader that accept the values only together, such as `anyOf` of short and of long texts; and a writer
//! without fields, whose schema is that of any object.

mod shape;

use std::cell::Cell;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::readable::{self, Reading, Side};
use shape::{Dice, Shape, shapes};

fn read(writer: &Shape, reader: &Shape) -> Reading {
    let [(w, w_types), (r, r_types)] = [writer, reader].map(Shape::schema);
    let side = |schema, definitions| Side { schema, definitions, by_path: false };
    readable::read(side(&w, &w_types), side(&r, &r_types))
}

/// The judge of values. It knows no formats of numbers, so they are bounds here.
fn validator((schema, types): (Value, Value)) -> Validator {
    jsonschema::validator_for(&json!({ "$defs": types, "allOf": [schema] })).unwrap()
}

/// A writer, and a reader that differs from it in a few places.
fn pairs() -> impl Strategy<Value = (Shape, Shape, u64)> {
    (shapes(), shapes(), any::<u64>()).prop_map(|(writer, spare, seed)| {
        let reader = writer.edited(&spare, &mut Dice(seed));
        (writer, reader, seed)
    })
}

/// Values at the edges of the writer's schema, and values within it.
fn written(writer: &Shape, seed: u64) -> Vec<Value> {
    let mut dice = Dice(seed);
    let random: Vec<_> = (0..20).map(|_| writer.value(&mut dice)).collect();
    writer.edges().into_iter().chain(random).collect()
}

const CASES: u32 = 2_000;

#[test]
fn a_comparison_agrees_with_a_validator() {
    let [read_by_all, refused_by_some] = [const { Cell::new(0_u32) }; 2];
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() };
    proptest!(config, |((writer, reader, seed) in pairs())| {
        let found = read(&writer, &reader);
        let (own, other) = (writer.schema_of_values(true), reader.schema_of_values(false));
        let (own, other) = (validator(own), validator(other));
        let values = written(&writer, seed);
        for it in &values {
            prop_assert!(own.is_valid(it), "the writer does not write {it}: {writer:?}");
        }
        let refused = values.iter().find(|it| !other.is_valid(it));
        let context = format!("{found:?}\nwriter {:?}\nreader {:?}", writer.schema(), reader.schema());
        prop_assert!(found.unreadable.iter().all(|it| !it.is_unjudged), "{}", context);
        match refused {
            Some(it) => prop_assert!(!found.unreadable.is_empty(), "{it} is refused: {}", context),
            None => prop_assert!(found.unreadable.is_empty(), "no value is refused: {}", context),
        }
        let seen = if refused.is_some() { &refused_by_some } else { &read_by_all };
        seen.set(seen.get() + 1);
    });
    // Both kinds of pairs must be frequent, or the test compares nothing.
    let seen = [read_by_all.get(), refused_by_some.get()];
    assert!(seen.iter().all(|it| *it > CASES / 5), "{seen:?}");
}
