//! The types that contracts consist of: the values that the type and its schema accept and refuse on both sides of each
//! limit, and the names of the values.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use function_contract::metric::MetricName as _;
use function_contract::time::Timestamp;
use std::{any::type_name, collections::BTreeSet, fmt::Display, panic::catch_unwind};

use contracts::{
    domain::{CustomerId, Metadata, OrderId, OrderStatus, ProductId, Quantity},
    functions::{OrderStorageEnv, OrderStorageError},
    metric::{MessageMetric, OrderMetric},
    money::Money,
    order::{ByStatus, FailedOrder, OrderRecord},
};
use function_contract::{
    env::{EnvContract, EnvValue, RESERVED, checked_name},
    error::{ErrorNames, NoError},
    item::{IndexKeys, Item, name},
    kept::Kept,
    path::{AttributeType, Expr, Source},
    setting::{LogLevel, Minutes, Percent, Setting},
    written::{WrittenCount, WrittenPrice, WrittenText},
};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Checks that the type and its schema both accept or both refuse a value, and that it is written unchanged.
#[track_caller]
fn taken<T: JsonSchema + Serialize + DeserializeOwned>(json: Value, good: bool) {
    assert_eq!(T::schema_name(), type_name::<T>().rsplit("::").next().unwrap());
    // The schema is inline, so the document has no definitions of other types.
    assert!(T::inline_schema());
    let schema = T::json_schema(&mut SchemaGenerator::default());
    assert_eq!(jsonschema::is_valid(schema.as_value(), &json), good, "{json}");
    let read = serde_json::from_value::<T>(json.clone());
    assert_eq!(read.is_ok(), good, "{json}");
    if let Ok(read) = read {
        assert_eq!(serde_json::to_value(read).unwrap(), json);
    }
}

#[test]
fn a_type_and_its_schema_accept_the_same_values() {
    for (json, good) in [(0, false), (1, true), (100, true), (101, false), (-1, false)] {
        taken::<Quantity>(json!(json), good);
    }
    for (json, good) in [
        (json!(0), true),
        (json!(0.01), true),
        (json!(1_000_000), true),
        (json!(999_999.99), true),
        (json!(1_000_000.01), false),
        (json!(-0.01), false),
    ] {
        taken::<Money>(json, good);
    }
    for digits in [3, 4, 59, 60] {
        let id = |prefix: &str| json!(format!("{prefix}{}", "7".repeat(digits)));
        let good = (4..=59).contains(&digits);
        taken::<CustomerId>(id("CUST-"), good);
        taken::<ProductId>(id("PROD-"), good);
        taken::<CustomerId>(id("PROD-"), false);
        taken::<ProductId>(id("CUST-"), false);
    }
    taken::<CustomerId>(json!("CUST-12_4"), false);
    let id = "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3";
    taken::<OrderId>(json!(id), true);
    for bad in [&id[1..], &id.to_uppercase(), &id.replace('-', "a"), &format!("{id}0"), ""] {
        taken::<OrderId>(json!(bad), false);
    }
    let at = "2025-07-20T13:06:28.324Z";
    taken::<Timestamp>(json!(at), true);
    for bad in [&at[1..], &at.replace('Z', "+"), &at.replace('T', " "), &at.replace('5', "a"), ""] {
        taken::<Timestamp>(json!(bad), false);
    }
    for (json, good) in [
        (-1_000_000_000, true),
        (1_000_000_000, true),
        (-1_000_000_001, false),
        (1_000_000_001, false),
    ] {
        taken::<WrittenCount>(json!(json), good);
        taken::<WrittenPrice>(json!(json), good);
    }
    for bytes in [0, 256, 257] {
        taken::<WrittenText<()>>(json!("x".repeat(bytes)), bytes <= 256);
    }
    taken::<WrittenText<()>>(json!(7), false);
    taken::<Kept>(json!("x".repeat(65_536)), true);
    taken::<Kept>(json!(7), false);
    taken::<Metadata>(json!({ "a": "b" }), true);
    taken::<Metadata>(json!({ "a": 7 }), false);
    taken::<Metadata>(json!([]), false);
}

#[test]
fn a_setting_is_accepted_within_its_limits() {
    #[track_caller]
    fn check<T: std::str::FromStr<Err: Display> + Display>(text: &str, why: &str) {
        match Setting::<T>::parse(text) {
            Ok(setting) => assert_eq!((setting.to_string().as_str(), ""), (text, why)),
            Err(err) => assert_eq!(err, format!("`{text}` is not a valid value: {why}")),
        }
    }
    let why = "it must be a whole number from 0 to 100";
    for good in ["0", "1", "99", "100"] {
        check::<Percent>(good, "");
    }
    for bad in ["101", "-1", "", "1.0", "256"] {
        check::<Percent>(bad, why);
    }
    let why = "it must be a whole number of minutes from 1 to 10080";
    for good in ["1", "2", "10079", "10080"] {
        check::<Minutes>(good, "");
    }
    for bad in ["0", "10081", "-1", "", "65536"] {
        check::<Minutes>(bad, why);
    }
    for good in ["debug", "info", "warn"] {
        check::<LogLevel>(good, "");
    }
    for bad in ["", "INFO", "error"] {
        check::<LogLevel>(bad, "it must be debug, info or warn");
    }
    assert_eq!((Percent::new(70).get(), Minutes::new(30).get()), (70, 30));
    assert_eq!(Minutes::new(30).seconds(), 1_800);
    assert!(catch_unwind(|| Percent::new(101)).is_err());
    assert!(catch_unwind(|| Minutes::new(0)).is_err());
    assert!(catch_unwind(|| Minutes::new(10_081)).is_err());
}

#[test]
fn every_variable_that_is_wrong_is_named() {
    let parse = |table: Option<&str>, level: &str| {
        OrderStorageEnv::parse(|name| match name {
            "ORDERS_TABLE" => table.map(str::to_owned),
            "ORDER_QUEUE_URL" => Some("http://queue".to_owned()),
            _ => Some(level.to_owned()),
        })
    };
    let Ok(env) = parse(Some("orders"), "warn") else { panic!("it is all there") };
    assert_eq!((env.orders.address(), env.queue.address()), ("orders", "http://queue"));
    assert_eq!(*env.log_level, LogLevel::Warn);
    // Addresses may appear in logs.
    assert_eq!(format!("{:?}", env.orders), "Access(\"orders\")");
    let Err(errors) = parse(None, "loud") else { panic!("two are wrong") };
    let log_level = "`loud` is not a valid value: it must be debug, info or warn";
    let expected = [("LOG_LEVEL", log_level), ("ORDERS_TABLE", "it is not set")];
    assert_eq!(errors.iter().collect::<Vec<_>>(), expected);
    let told = errors.to_string();
    assert!(expected.iter().all(|(name, why)| told.contains(&format!("{name}: {why};"))), "{told}");
    let Err(errors) = parse(Some(" "), "info") else { panic!("one is empty") };
    let empty = "it is empty; it must hold a name, URL or ARN";
    assert_eq!(errors.iter().collect::<Vec<_>>(), [("ORDERS_TABLE", empty)]);
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
#[test]
fn a_name_that_lambda_refuses_is_refused() {
    for good in ["AB", "a_1", "AWS_REGIOM", "AWS_REGION_", "AWS_ENDPOINT_URL", "WS_REGION"] {
        assert_eq!(checked_name(good), good);
    }
    let bad = ["", "A", "1A", "_A", "A-B", "AB ", "Ä_", "A\u{e4}"];
    for bad in bad {
        assert!(catch_unwind(|| checked_name(bad)).is_err(), "{bad}");
    }
    for reserved in RESERVED {
        let why = catch_unwind(|| checked_name(reserved)).unwrap_err();
        let why = why.downcast_ref::<&str>();
        assert!(why.is_some_and(|it| it.starts_with("Lambda reserves")), "{reserved}: {why:?}");
    }
}

#[test]
fn a_metric_is_called_as_its_variant() {
    let orders = OrderMetric::ALL.iter().map(|it| (it.name(), format!("{it:?}")));
    let messages = MessageMetric::ALL.iter().map(|it| (it.name(), format!("{it:?}")));
    let names: Vec<_> = orders.chain(messages).collect();
    assert!(names.iter().all(|(name, variant)| name == variant), "{names:?}");
    assert_eq!(names.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len(), names.len());
}

#[test]
fn an_error_is_called_as_its_variant_and_stays() {
    assert_eq!(OrderStorageError::OrderConflict.name(), "OrderConflict");
    assert_eq!(OrderStorageError::OrderConflict.to_string(), "OrderConflict");
    assert!(!OrderStorageError::OrderConflict.may_pass());
    assert!(NoError::ALL.is_empty());
}

#[test]
fn a_status_is_final_once_it_is_decided() {
    let open: Vec<_> = OrderStatus::ALL.iter().filter(|it| !it.is_final()).collect();
    assert_eq!(open, [&OrderStatus::Accepted, &OrderStatus::Processing]);
}

#[test]
fn a_table_has_the_keys_of_its_items() {
    assert_eq!(name(&OrderRecord::key()), "order_id");
    assert_eq!(name(&FailedOrder::key()), "order_id");
    assert_eq!(OrderRecord::time_to_live().map(|it| name(&it)).as_deref(), Some("expires_at"));
    assert!(FailedOrder::time_to_live().is_none() && FailedOrder::indexes().is_empty());
    let [IndexKeys { name, hash, range, writes }] = &OrderRecord::indexes()[..] else {
        panic!("orders have one index")
    };
    assert_eq!(*name, function_contract::item::index_name::<ByStatus>());
    assert_eq!(*hash, ("status".to_owned(), AttributeType::Text));
    assert_eq!(*range, ("updated_at".to_owned(), AttributeType::Text));
    assert!(*writes > 0);
}

#[test]
fn an_expression_says_what_a_state_computes() {
    assert_eq!(Expr::<(), Timestamp>::now().source(), &Source::Now);
    let later = Expr::<(), Timestamp>::now().plus_seconds(60);
    let expected = Source::EpochAfter(Box::new(Source::Now), 60);
    assert_eq!(later.source(), &expected);
    assert_eq!(later.clone().into_source(), expected);
}

#[test]
fn a_short_text_is_kept_unchanged() {
    let kept = Kept::from("why");
    assert_eq!((kept.to_string().as_str(), &*kept), ("why", "why"));
    assert_eq!(String::from(kept), "why");
    assert_eq!(Kept::MOST_BYTES, 65_536);
    assert_eq!(Quantity::try_from(7).map(Quantity::get), Ok(7));
}
