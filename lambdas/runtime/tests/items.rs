//! Every valid item survives the conversion to DynamoDB's form and back.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../../contracts/tests/arbitrary/mod.rs"]
mod arbitrary;

use std::fmt::Debug;

use function_contract::item::Item;
use proptest::{prelude::*, test_runner::TestCaseError};
use runtime::item::{Attribute, attributes, parse};

fn check<I: Item + PartialEq + Debug>(item: I) -> Result<(), TestCaseError> {
    let form = attributes(&item);
    // The key is text, and always present.
    let key = form.get(&function_contract::item::name(&I::key()));
    prop_assert!(matches!(key, Some(Attribute::Text(_))), "{:?}", form);
    prop_assert!(!form.values().any(|it| *it == Attribute::Null), "{:?}", form);
    prop_assert_eq!(&parse::<I>(form.clone()).unwrap(), &item, "{:?}", form);
    // Items of earlier versions have `NULL` for absent values.
    let mut before = form;
    for name in I::WIRE_NAMES {
        before.entry((*name).to_owned()).or_insert(Attribute::Null);
    }
    prop_assert_eq!(&parse::<I>(before.clone()).unwrap(), &item, "{:?}", before);
    Ok(())
}

proptest! {
    #[test]
    fn order_record(it in arbitrary::order_record()) { check(it)?; }

    #[test]
    fn failed_order(it in arbitrary::failed_order()) { check(it)?; }
}
