//! What the tables say. The records are those of the functions, and are read as they read them.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, bail};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use contracts::{
    domain::{OrderId, OrderStatus},
    item::{Item, TableIndex, name},
    order::{ByStatus, FailedOrder, OrderRecord},
};

use crate::{aws::AwsContext as _, system::System, tell::word};

/// As many keys as DynamoDB takes at once.
const AT_ONCE: usize = 100;
/// How often DynamoDB may leave keys out of an answer before we believe that it always will.
const ATTEMPTS: u32 = 8;

type Values = HashMap<String, AttributeValue>;

/// An order's record, as the last write left it.
///
/// # Errors
///
/// Where the table cannot be read.
pub async fn order(system: &System, order: &OrderId) -> anyhow::Result<Option<OrderRecord>> {
    Ok(orders(system, std::slice::from_ref(order)).await?.pop())
}

/// The records of these orders, in no order. Who has none is left out.
///
/// # Errors
///
/// Where the table cannot be read.
pub async fn orders(system: &System, orders: &[OrderId]) -> anyhow::Result<Vec<OrderRecord>> {
    let keys = orders.iter().map(|it| it.to_string()).collect();
    batches(system, &system.names.orders, keys).await
}

/// Why these orders failed, in no order: the key is an order's id, or `message-<id>`.
///
/// # Errors
///
/// Where the table cannot be read.
pub async fn failures(system: &System, keys: Vec<String>) -> anyhow::Result<Vec<FailedOrder>> {
    batches(system, &system.names.failed_orders, keys).await
}

/// A list of orders, and what is in its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The orders.
    pub orders: Vec<OrderRecord>,
    /// Records that cannot be read, in words.
    pub unreadable: Vec<String>,
}

/// The orders of a status, the last changed first. A change of the last moment may be missing.
///
/// # Errors
///
/// Where the table cannot be read.
pub async fn by_status(
    system: &System,
    status: OrderStatus,
    limit: usize,
) -> anyhow::Result<Listing> {
    let table = &system.names.orders;
    let keys = OrderRecord::indexes().into_iter().find(|it| it.name == ByStatus::NAME);
    let keys = keys.with_context(|| format!("{table} has no index {}", ByStatus::NAME))?;
    let mut listing = Listing { orders: Vec::new(), unreadable: Vec::new() };
    let mut after = None;
    while listing.orders.len() + listing.unreadable.len() < limit {
        let due = limit - listing.orders.len() - listing.unreadable.len();
        let page = system
            .dynamodb
            .query()
            .table_name(table)
            .index_name(ByStatus::NAME)
            .key_condition_expression("#hash = :hash")
            .expression_attribute_names("#hash", &keys.hash.0)
            .expression_attribute_values(":hash", AttributeValue::S(word(status).to_owned()))
            .scan_index_forward(false)
            .limit(i32::try_from(due).unwrap_or(i32::MAX))
            .set_exclusive_start_key(after)
            .send()
            .await
            .aws_context(|| format!("{table} cannot be read by status"))?;
        for item in page.items.unwrap_or_default() {
            match read(table, item) {
                Ok(order) => listing.orders.push(order),
                Err(err) => listing.unreadable.push(format!("{err:#}")),
            }
        }
        after = page.last_evaluated_key;
        if after.is_none() {
            break;
        }
    }
    Ok(listing)
}

async fn batches<I: Item>(
    system: &System,
    table: &str,
    mut keys: Vec<String>,
) -> anyhow::Result<Vec<I>> {
    // DynamoDB refuses a batch that names a key twice.
    keys.sort();
    keys.dedup();
    let key = name(&I::key());
    let mut found = Vec::new();
    for keys in keys.chunks(AT_ONCE) {
        let keys =
            keys.iter().map(|it| Values::from([(key.clone(), AttributeValue::S(it.clone()))]));
        for item in batch(system, table, keys.collect()).await? {
            found.push(read(table, item)?);
        }
    }
    Ok(found)
}

async fn batch(system: &System, table: &str, mut keys: Vec<Values>) -> anyhow::Result<Vec<Values>> {
    let mut found = Vec::new();
    for attempt in 0..ATTEMPTS {
        let wanted =
            KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build()?;
        let answer = system.dynamodb.batch_get_item().request_items(table, wanted).send().await;
        let answer = answer.aws_context(|| format!("{table} cannot be read"))?;
        found.extend(answer.responses.unwrap_or_default().remove(table).unwrap_or_default());
        keys = match answer.unprocessed_keys.unwrap_or_default().remove(table) {
            Some(left) if !left.keys.is_empty() => left.keys,
            _ => return Ok(found),
        };
        tokio::time::sleep(Duration::from_millis(50 << attempt)).await;
    }
    bail!("{table} is too busy to answer\n  fix: try again in a minute")
}

fn read<I: Item>(table: &str, values: Values) -> anyhow::Result<I> {
    let key = name(&I::key());
    let key = match values.get(&key) {
        Some(AttributeValue::S(it)) => it.clone(),
        _ => "without a key".to_owned(),
    };
    let item = runtime::live::item(values).map_err(anyhow::Error::from);
    let item = item.and_then(|it| Ok(runtime::item::parse(it)?));
    item.with_context(|| format!("the record {key} of {table} is not what this version writes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_or_named() {
        fn check(more: &[(&str, AttributeValue)], expected: Result<u32, &str>) {
            let text = |it: &str| AttributeValue::S(it.to_owned());
            let mut values = Values::from([
                ("order_id".to_owned(), text("message-1")),
                ("failed_timestamp".to_owned(), text("2025-07-20T13:06:28.324Z")),
                ("failure_reason".to_owned(), text("UnreadableMessage")),
            ]);
            values.extend(more.iter().map(|(name, it)| ((*name).to_owned(), it.clone())));
            match (read::<FailedOrder>("t", values), expected) {
                (Ok(found), Ok(count)) => assert_eq!(found.receive_count, count),
                (Err(err), Err(text)) => assert!(format!("{err:#}").contains(text), "{err:#}"),
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
        let number = |it: &str| AttributeValue::N(it.to_owned());
        check(&[("receive_count", number("3"))], Ok(3));
        check(&[], Err("the record message-1 of t"));
        check(&[("receive_count", number("-1"))], Err("the record message-1 of t"));
        check(&[("receive_count", AttributeValue::Ss(vec![]))], Err("set or binary"));
    }
}
