//! Limits of DynamoDB that do not depend on the content of the table.
//!
//! - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
//! - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use std::collections::BTreeSet;

use runtime::{
    expression::Expression,
    item::{Attribute, Attributes},
    port::Write,
};

use super::{
    dynamodb::{INDEX, INDEXED, KEY},
    number::Number,
};

/// The largest size of an item in bytes, with the names of its attributes.
pub const MOST_BYTES: usize = 409_600;
/// The largest size of a partition key in bytes.
const MOST_KEY: usize = 2_048;
/// The largest depth of nested values. An attribute's own value has depth 1.
const MOST_DEPTH: usize = 32;
/// The largest size of an expression in bytes.
const MOST_EXPRESSION: usize = 4_096;
/// The largest number of writes in a transaction.
const MOST_WRITES: usize = 100;
/// The largest total size of a transaction's items in bytes.
const MOST_TRANSACTION: usize = 4 * 1024 * 1024;
/// The largest number of characters in a transaction's token.
const MOST_TOKEN: usize = 36;

/// Checks that DynamoDB accepts an item in a table, whatever the table holds.
///
/// # Errors
///
/// The first problem of the item.
pub fn item(table: &str, item: &Attributes) -> Result<(), String> {
    key(item)?;
    for (name, _) in INDEX.into_iter().filter(|_| table == INDEXED) {
        match item.get(name) {
            Some(Attribute::Text(it)) if !it.is_empty() => {}
            None => {}
            Some(other) => return Err(format!("{other:?} is not a key of the index: {name}")),
        }
    }
    values(item, 0)?;
    size(item)
}

/// Checks that the index accepts the keys of an item, after its condition was true.
///
/// # Errors
///
/// The first key that is too long.
pub fn indexed(table: &str, item: &Attributes) -> Result<(), String> {
    for (name, most) in INDEX.into_iter().filter(|_| table == INDEXED) {
        if let Some(Attribute::Text(it)) = item.get(name)
            && it.len() > most
        {
            return Err(format!("a key of the index, {name}, of {} bytes", it.len()));
        }
    }
    Ok(())
}

/// Checks that an item is not larger than DynamoDB allows.
fn size(item: &Attributes) -> Result<(), String> {
    match bytes(item) {
        bytes if bytes > MOST_BYTES => {
            Err(format!("Item size has exceeded the maximum allowed size: {bytes} bytes"))
        }
        _ => Ok(()),
    }
}

/// Returns the value of the partition key.
///
/// # Errors
///
/// If it is not an item.
pub(crate) fn key(item: &Attributes) -> Result<String, String> {
    match item.get(KEY) {
        Some(Attribute::Text(key)) if (1..=MOST_KEY).contains(&key.len()) => Ok(key.clone()),
        Some(Attribute::Text(key)) => Err(format!("a key of {} bytes", key.len())),
        other => Err(format!("{other:?} is not a key")),
    }
}

/// Checks that DynamoDB accepts an expression together with others.
pub(crate) fn expressions(all: &[&Expression]) -> Result<(), String> {
    for expression in all {
        let text = &expression.text;
        if !(1..=MOST_EXPRESSION).contains(&text.len()) {
            return Err(format!("an expression of {} bytes", text.len()));
        }
        let used: BTreeSet<&str> =
            text.split(|it: char| !(it.is_alphanumeric() || "#:_".contains(it))).collect();
        for at in expression.names.keys().chain(expression.values.keys()) {
            if !used.contains(at.as_str()) {
                return Err(format!("{at} is unused in `{text}`"));
            }
        }
        let is_known = |at: &&str| match at.as_bytes().first() {
            Some(b'#') => expression.names.contains_key(*at),
            Some(b':') => expression.values.contains_key(*at),
            _ => true,
        };
        if let Some(unknown) = used.iter().find(|it| !is_known(it)) {
            return Err(format!("{unknown} stands for nothing in `{text}`"));
        }
        values(&expression.values, 0)?;
    }
    Ok(())
}

/// Checks that DynamoDB accepts these writes as a transaction. A problem of a key or of the result of an
/// update cancels the transaction instead.
pub(crate) fn transaction(writes: &[Write], token: Option<&str>) -> Result<(), String> {
    if !(1..=MOST_WRITES).contains(&writes.len()) {
        return Err(format!("a transaction of {} writes", writes.len()));
    }
    if let Some(token) = token
        && !(1..=MOST_TOKEN).contains(&token.chars().count())
    {
        return Err(format!("a token of {} characters", token.chars().count()));
    }
    let (mut keys, mut all) = (BTreeSet::new(), 0);
    for write in writes {
        let (table, of, item) = match write {
            Write::Put(it) => (&it.table, &it.item, Some(&it.item)),
            Write::Update(it) => (&it.table, &it.key, Some(&it.update.values)),
            Write::Delete(it) => (&it.table, &it.key, None),
        };
        all += item.map_or(0, bytes);
        match write {
            Write::Put(it) => {
                it.condition.iter().try_for_each(|it| expressions(&[it]))?;
                values(&it.item, 0)?;
                size(&it.item)?;
                not_empty(table, &it.item)?;
            }
            Write::Update(it) => {
                values(&it.key, 0)?;
                expressions(&[&it.update, &it.condition])?;
            }
            Write::Delete(it) => values(&it.key, 0)?,
        }
        let Some(Attribute::Text(key)) = of.get(KEY) else { continue };
        if key.is_empty() {
            return Err("the key is an empty text".to_owned());
        }
        if !keys.insert((table, key)) {
            return Err(
                "Transaction request cannot include multiple operations on one item".to_owned()
            );
        }
    }
    match all {
        all if all > MOST_TRANSACTION => Err(format!("a transaction of {all} bytes")),
        _ => Ok(()),
    }
}

/// Checks that no key of the index is an empty text.
fn not_empty(table: &str, item: &Attributes) -> Result<(), String> {
    let is_empty = |name: &str| item.get(name) == Some(&Attribute::Text(String::new()));
    match INDEX.into_iter().find(|(name, _)| table == INDEXED && is_empty(name)) {
        Some((name, _)) => Err(format!("a key of the index, {name}, is an empty text")),
        None => Ok(()),
    }
}

/// Returns the size of an item as DynamoDB counts it: names and values, and some more for lists and maps.
pub fn bytes(item: &Attributes) -> usize {
    item.iter().map(|(name, it)| name.len() + value_bytes(it)).sum()
}

fn value_bytes(value: &Attribute) -> usize {
    match value {
        Attribute::Text(it) => it.len(),
        Attribute::Number(it) => Number::parse(it).map_or(it.len(), |it| it.bytes()),
        Attribute::Bool(_) | Attribute::Null => 1,
        Attribute::Map(it) => 3 + it.len() + bytes(it),
        Attribute::List(it) => 3 + it.len() + it.iter().map(value_bytes).sum::<usize>(),
    }
}

fn values(item: &Attributes, depth: usize) -> Result<(), String> {
    item.values().try_for_each(|it| value(it, depth))
}

fn value(value: &Attribute, depth: usize) -> Result<(), String> {
    match value {
        _ if depth == MOST_DEPTH => Err(format!("more than {MOST_DEPTH} values in each other")),
        Attribute::Number(it) => number(it),
        Attribute::Map(it) => values(it, depth + 1),
        Attribute::List(it) => it.iter().try_for_each(|it| self::value(it, depth + 1)),
        Attribute::Text(_) | Attribute::Bool(_) | Attribute::Null => Ok(()),
    }
}

fn number(text: &str) -> Result<(), String> {
    match Number::parse(text) {
        Some(_) => Ok(()),
        None => Err(format!("`{text}` is not a number that DynamoDB accepts")),
    }
}

#[cfg(test)]
mod tests {
    use runtime::port::{DeleteItem, PutItem};

    use super::*;

    fn text(it: impl Into<String>) -> Attribute {
        Attribute::Text(it.into())
    }

    fn of(attributes: &[(&str, Attribute)]) -> Attributes {
        let all = attributes.iter().map(|(name, it)| ((*name).to_owned(), it.clone()));
        all.chain([(KEY.to_owned(), text("k"))]).collect()
    }

    /// The numbers are from AWS's documentation.
    #[test]
    fn an_item_has_up_to_400_kb() {
        // The key and its name, and the name `a`.
        let rest = "order_id".len() + "k".len() + "a".len();
        let sized = |bytes: usize| of(&[("a", text("x".repeat(bytes - rest)))]);
        assert_eq!(bytes(&sized(MOST_BYTES)), MOST_BYTES);
        assert_eq!(item(INDEXED, &sized(MOST_BYTES)), Ok(()));
        assert!(item(INDEXED, &sized(MOST_BYTES + 1)).is_err());
        // Bytes, not characters.
        assert!(item(INDEXED, &of(&[("a", text("€".repeat(MOST_BYTES / 2)))])).is_err());
    }

    #[test]
    fn values_are_counted() {
        fn check(value: Attribute, expected: usize) {
            assert_eq!(value_bytes(&value), expected, "{value:?}");
        }
        check(text("äb"), 3);
        check(Attribute::Number("-12.5".to_owned()), 4);
        check(Attribute::Bool(true), 1);
        check(Attribute::List(vec![text("ab"), Attribute::Null]), 3 + 2 + 2 + 1);
        check(Attribute::Map([("ab".to_owned(), text("c"))].into()), 3 + 1 + 2 + 1);
    }

    #[test]
    fn keys_have_a_largest_size() {
        fn check(key: Attribute, is_good: bool) {
            let item: Attributes = [(KEY.to_owned(), key)].into();
            assert_eq!(super::item(INDEXED, &item).is_ok(), is_good);
        }
        check(text(""), false);
        check(text("k".repeat(2_048)), true);
        check(text("k".repeat(2_049)), false);
        check(Attribute::Number("1".to_owned()), false);
        assert!(item(INDEXED, &Attributes::new()).is_err());
        assert!(item(INDEXED, &of(&[("status", text(""))])).is_err());
        assert!(indexed(INDEXED, &of(&[("updated_at", text("u".repeat(1_025)))])).is_err());
        assert!(indexed(INDEXED, &of(&[("updated_at", text("u".repeat(1_024)))])).is_ok());
        // The other table has no index.
        assert!(item("failed_orders", &of(&[("status", text(""))])).is_ok());
        assert!(item(INDEXED, &of(&[("a", Attribute::Number("1e126".to_owned()))])).is_err());
    }

    #[test]
    fn nested_values_have_a_largest_depth() {
        let nested =
            |depth: usize| (0..depth).fold(text("x"), |inner, _| Attribute::List(vec![inner]));
        assert_eq!(item(INDEXED, &of(&[("a", nested(31))])), Ok(()));
        assert!(item(INDEXED, &of(&[("a", nested(32))])).is_err());
    }

    #[test]
    fn a_transaction_writes_each_item_once() {
        let put = |table: &str, key: &str| {
            let item = [(KEY.to_owned(), text(key))].into();
            Write::Put(PutItem { table: table.to_owned(), item, condition: None })
        };
        let delete = Write::Delete(DeleteItem { table: "t".to_owned(), key: of(&[]) });
        assert_eq!(transaction(&[put("t", "k"), put("t", "l"), put("u", "k")], Some("c")), Ok(()));
        assert!(transaction(&[put("t", "k"), delete], None).is_err());
        assert!(transaction(&[], None).is_err());
        assert!(transaction(&[put("t", "k")], Some("")).is_err());
        assert!(transaction(&[put("t", "k")], Some(&"c".repeat(37))).is_err());
        let many: Vec<Write> = (0..101).map(|it| put("t", &it.to_string())).collect();
        assert_eq!(transaction(&many[1..], None), Ok(()));
        assert!(transaction(&many, None).is_err());
    }

    #[test]
    fn placeholders_are_used() {
        let expression = |text: &str| Expression {
            text: text.to_owned(),
            names: [("#a".to_owned(), "a".to_owned())].into(),
            values: [(":a".to_owned(), self::text("x"))].into(),
        };
        assert_eq!(expressions(&[&expression("#a = :a")]), Ok(()));
        assert!(expressions(&[&expression("#a = :ab")]).is_err());
        assert!(expressions(&[&expression("attribute_exists(#a)")]).is_err());
        assert!(expressions(&[&expression("")]).is_err());
        assert!(expressions(&[&expression("#a = :a AND #b = :a")]).is_err());
        assert!(expressions(&[&expression("#a = :a AND #a < :b")]).is_err());
    }
}
