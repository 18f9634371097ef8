//! Reads the tables. The records have the types of the functions, and the same code parses them. An unreadable record does not
//! hide the others.

mod found;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Duration,
};

use anyhow::bail;
use aws_sdk_dynamodb::{
    operation::query::builders::QueryFluentBuilder,
    types::{AttributeValue, KeysAndAttributes},
};
use contracts::{
    domain::{OrderId, OrderStatus},
    order::{ByStatus, FailedOrder, OrderRecord},
};
use function_contract::item::{Indexed, IndexedBy, Item, TableIndex, index_name, name};
use runtime::item::{Attributes, ItemError};

pub use self::found::{Found, Unreadable};
use crate::{aws::AwsContext as _, system::Services, tell::word};

/// The largest number of keys in one `BatchGetItem`.
const AT_ONCE: usize = 100;
/// How often a read is repeated for the keys that DynamoDB left unprocessed.
const ATTEMPTS: u32 = 8;

/// The statuses that a record can have.
const STORED: [OrderStatus; 4] =
    [OrderStatus::Processing, OrderStatus::Fulfilled, OrderStatus::Failed, OrderStatus::Rejected];

type Values = HashMap<String, AttributeValue>;

/// Returns the record of an order, with a consistent read.
///
/// # Errors
///
/// If the table or the record cannot be read.
pub async fn order(system: &Services, order: &OrderId) -> anyhow::Result<Option<OrderRecord>> {
    orders(system, std::slice::from_ref(order)).await?.only()
}

/// Returns the failure record of an order.
///
/// # Errors
///
/// If the table or the record cannot be read.
pub async fn failure(system: &Services, order: &OrderId) -> anyhow::Result<Option<FailedOrder>> {
    failures(system, vec![order.to_string()]).await?.only()
}

/// Returns the records of these orders, unsorted. An order without a record is left out.
///
/// # Errors
///
/// If the table cannot be read.
pub async fn orders(system: &Services, orders: &[OrderId]) -> anyhow::Result<Found<OrderRecord>> {
    let keys = orders.iter().map(|it| it.to_string()).collect();
    batches(system, &system.names.orders, keys).await
}

/// Returns the failure records with these keys, unsorted. A key is an order's id, or `message-<id>`.
///
/// # Errors
///
/// If the table cannot be read.
pub async fn failures(system: &Services, keys: Vec<String>) -> anyhow::Result<Found<FailedOrder>> {
    batches(system, &system.names.failed_orders, keys).await
}

/// Returns the orders with a status, the last changed first. The index is eventually consistent, so a very recent change may be
/// missing.
///
/// # Errors
///
/// If the table cannot be read.
pub async fn by_status(
    system: &Services,
    status: OrderStatus,
    limit: usize,
) -> anyhow::Result<Found<OrderRecord>> {
    // The index lags behind the table, so drop orders that have another status by now.
    listed(system, status, limit, |it| it.status == status).await
}

/// Returns the orders of all statuses, the last changed first.
///
/// # Errors
///
/// If the table cannot be read.
pub async fn last_changed(system: &Services, limit: usize) -> anyhow::Result<Found<OrderRecord>> {
    let mut found = Found::nothing();
    for status in STORED {
        let more = listed(system, status, limit, |_| true).await?;
        found.items.extend(more.items);
        found.unreadable.extend(more.unreadable);
    }
    // An order whose status changed between two queries is found twice. Keep the later version.
    found.items.sort_by(|a, b| b.updated_at.cmp(&a.updated_at));
    let mut seen = HashSet::new();
    found.items.retain(|it| seen.insert(it.order_id.clone()));
    found.items.truncate(limit);
    found.unreadable.sort();
    found.unreadable.dedup();
    Ok(found)
}

async fn listed(
    system: &Services,
    status: OrderStatus,
    limit: usize,
    keep: impl Fn(&OrderRecord) -> bool,
) -> anyhow::Result<Found<OrderRecord>> {
    let mut found = Found::nothing();
    let mut after = None;
    while found.len() < limit {
        let (keys, next) = page(system, status, limit - found.len(), after).await?;
        let records = records(system, keys).await?;
        found.items.extend(records.items.into_iter().filter(&keep));
        found.unreadable.extend(records.unreadable);
        after = next;
        if after.is_none() {
            break;
        }
    }
    Ok(found)
}

/// Returns a query of the index for the orders with a status.
pub(crate) fn query(system: &Services, status: OrderStatus) -> QueryFluentBuilder {
    system
        .dynamodb
        .query()
        .table_name(&system.names.orders)
        .index_name(index_name::<ByStatus>())
        .key_condition_expression("#hash = :hash")
        .expression_attribute_names("#hash", name(&ByStatus::hash()))
        .expression_attribute_values(":hash", AttributeValue::S(word(status).to_owned()))
}

/// Returns a page of the index for a status, the last changed first, and the start key of the next page.
pub(crate) async fn page(
    system: &Services,
    status: OrderStatus,
    limit: usize,
    after: Option<Values>,
) -> anyhow::Result<(Found<IndexedBy<ByStatus>>, Option<Values>)> {
    let table = &system.names.orders;
    let call = query(system, status).scan_index_forward(false);
    let call = call.limit(i32::try_from(limit).unwrap_or(i32::MAX)).set_exclusive_start_key(after);
    let page = call.send().await.aws_context(|| format!("{table} cannot be read by status"))?;
    let mut keys = Found::nothing();
    for item in page.items.unwrap_or_default() {
        keys.add(read::<OrderRecord, _>(table, item, |it| {
            let key = runtime::item::value(&it, &name(&OrderRecord::key()))?;
            Ok(Indexed { key, range: runtime::item::value(&it, &name(&ByStatus::range()))? })
        }));
    }
    Ok((keys, page.last_evaluated_key))
}

/// Returns the records of these keys, in the order of the keys. A record that was deleted is left out.
async fn records(
    system: &Services,
    keys: Found<IndexedBy<ByStatus>>,
) -> anyhow::Result<Found<OrderRecord>> {
    let ids: Vec<OrderId> = keys.items.into_iter().map(|it| it.key).collect();
    let mut found = orders(system, &ids).await?;
    let places: BTreeMap<_, _> = ids.iter().zip(0..).collect();
    found.items.sort_by_key(|it| places.get(&it.order_id).copied().unwrap_or(usize::MAX));
    found.unreadable.extend(keys.unreadable);
    Ok(found)
}

async fn batches<I: Item>(
    system: &Services,
    table: &str,
    mut keys: Vec<String>,
) -> anyhow::Result<Found<I>> {
    // DynamoDB refuses a batch that names a key twice.
    keys.sort();
    keys.dedup();
    let key = name(&I::key());
    let mut found = Found::nothing();
    for keys in keys.chunks(AT_ONCE) {
        let keys =
            keys.iter().map(|it| Values::from([(key.clone(), AttributeValue::S(it.clone()))]));
        for item in batch(system, table, keys.collect()).await? {
            found.add(read::<I, I>(table, item, runtime::item::parse));
        }
    }
    Ok(found)
}

async fn batch(
    system: &Services,
    table: &str,
    mut keys: Vec<Values>,
) -> anyhow::Result<Vec<Values>> {
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
    bail!(
        "DynamoDB did not return all items of {table} in {ATTEMPTS} attempts\n  fix: try again in a minute"
    )
}

fn read<I: Item, T>(
    table: &str,
    values: Values,
    parse: impl FnOnce(Attributes) -> Result<T, ItemError>,
) -> Result<T, Unreadable> {
    let key = match values.get(&name(&I::key())) {
        Some(AttributeValue::S(it)) => it.clone(),
        _ => String::new(),
    };
    let item = runtime::live::item(values).map_err(|err| err.to_string());
    item.and_then(|it| parse(it).map_err(|err| err.to_string())).map_err(|err| {
        let named = if key.is_empty() { "without a key" } else { &key };
        let problem =
            format!("this version of dofs cannot read the record {named} of {table}: {err}");
        Unreadable { key, problem }
    })
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
            let found = read::<FailedOrder, FailedOrder>("t", values, runtime::item::parse);
            match (found, expected) {
                (Ok(found), Ok(count)) => assert_eq!(found.receive_count, count),
                (Err(err), Err(text)) => {
                    assert_eq!(err.key, "message-1");
                    assert!(err.to_string().contains(text), "{err}");
                }
                (found, expected) => panic!("{found:?} is not {expected:?}"),
            }
        }
        let number = |it: &str| AttributeValue::N(it.to_owned());
        check(&[("receive_count", number("3"))], Ok(3));
        check(&[], Err("cannot read the record message-1 of t"));
        check(&[("receive_count", number("-1"))], Err("the record message-1 of t"));
        check(&[("receive_count", AttributeValue::Ss(vec![]))], Err("set or binary"));
    }
}
