//! Every valid payload survives the conversion to JSON and back.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod arbitrary;

use std::fmt::Debug;

use contracts::order::OrderJudged;
use function_contract::{either::Either as _, path::Payload, read::read};
use proptest::{prelude::*, test_runner::TestCaseError};

fn check<P: Payload + PartialEq + Debug>(payload: P) -> Result<(), TestCaseError> {
    let text = serde_json::to_string(&payload).unwrap();
    let again: P = serde_json::from_str(&text).unwrap();
    prop_assert_eq!(&again, &payload, "{}", &text);
    let value = serde_json::to_value(&payload).unwrap();
    prop_assert_eq!(serde_json::from_value::<P>(value).unwrap(), payload);
    Ok(())
}

proptest! {
    #[test]
    fn order_request(it in arbitrary::order_request()) {
        check(it.clone())?;
        // The parser of the API must accept the body, too.
        let text = serde_json::to_string(&it).unwrap();
        prop_assert_eq!(read(text.as_bytes()), Ok(it), "{}", &text);
    }

    #[test]
    fn order_answer(it in arbitrary::order_answer()) { check(it)?; }

    #[test]
    fn order_view(it in arbitrary::order_view()) { check(it)?; }

    #[test]
    fn api_error(it in arbitrary::api_error()) { check(it)?; }

    #[test]
    fn problem(it in arbitrary::problem()) { check(it)?; }

    #[test]
    fn order_submitted(it in arbitrary::order_submitted()) { check(it)?; }

    #[test]
    fn order_validated(it in arbitrary::order_validated()) { check(it)?; }

    #[test]
    fn order_judged(it in arbitrary::order_judged()) {
        let value = serde_json::to_value(&it).unwrap();
        let names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
        prop_assert_eq!(names.len(), 1);
        prop_assert!(OrderJudged::WIRE_NAMES.contains(&names[0]), "{}", value);
        prop_assert_eq!(serde_json::from_value::<OrderJudged>(value).unwrap(), it);
    }

    #[test]
    fn violations(it in arbitrary::violations()) { check(it)?; }

    #[test]
    fn order_stored(it in arbitrary::order_stored()) { check(it)?; }

    #[test]
    fn order_accepted(it in arbitrary::order_accepted()) { check(it)?; }

    #[test]
    fn order_given_up(it in arbitrary::order_given_up()) { check(it)?; }

    #[test]
    fn order_record(it in arbitrary::order_record()) { check(it)?; }

    #[test]
    fn failed_order(it in arbitrary::failed_order()) { check(it)?; }
}
