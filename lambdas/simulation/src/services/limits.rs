//! What DynamoDB refuses, whatever the table holds.
//!
//! - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
//! - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use std::collections::BTreeSet;

use runtime::{
    expression::Expression,
    item::{Attribute, Attributes},
    port::Write,
};

use super::dynamodb::{INDEX, KEY};

/// Bytes of an item, with the names of its attributes.
pub const MOST_BYTES: usize = 409_600;
/// Bytes of a partition key.
const MOST_KEY: usize = 2_048;
/// Lists and maps in each other.
const MOST_DEPTH: usize = 32;
/// Digits of a number.
const MOST_DIGITS: usize = 38;
/// Powers of ten of a number's first digit.
const POWERS: std::ops::RangeInclusive<i64> = -130..=125;
/// Bytes of an expression.
const MOST_EXPRESSION: usize = 4_096;
/// Writes of a transaction.
const MOST_WRITES: usize = 100;
/// Bytes of all items of a transaction.
const MOST_TRANSACTION: usize = 4 * 1024 * 1024;
/// Characters of a transaction's token.
const MOST_TOKEN: usize = 36;

/// Whether DynamoDB takes an item; else its reason.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn item(item: &Attributes) -> Result<(), String> {
    key(item)?;
    for (name, most) in INDEX {
        match item.get(name) {
            None => {}
            Some(Attribute::Text(it)) if (1..=most).contains(&it.len()) => {}
            Some(other) => return Err(format!("{other:?} is no key of the index: {name}")),
        }
    }
    values(item, 0)?;
    match bytes(item) {
        bytes if bytes > MOST_BYTES => {
            Err(format!("Item size has exceeded the maximum allowed size: {bytes} bytes"))
        }
        _ => Ok(()),
    }
}

/// The partition key's value.
///
/// # Errors
///
/// Where it is none.
pub(crate) fn key(item: &Attributes) -> Result<String, String> {
    match item.get(KEY) {
        Some(Attribute::Text(key)) if (1..=MOST_KEY).contains(&key.len()) => Ok(key.clone()),
        Some(Attribute::Text(key)) => Err(format!("a key of {} bytes", key.len())),
        other => Err(format!("{other:?} is no key")),
    }
}

/// Whether DynamoDB takes an expression together with others; else its reason.
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
        values(&expression.values, 0)?;
    }
    Ok(())
}

/// Whether DynamoDB takes these writes as a transaction; else its reason.
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
        if !keys.insert((table, key(of)?)) {
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

/// How many bytes DynamoDB counts for an item: names and values, and some more for lists and maps.
pub fn bytes(item: &Attributes) -> usize {
    item.iter().map(|(name, it)| name.len() + value_bytes(it)).sum()
}

fn value_bytes(value: &Attribute) -> usize {
    match value {
        Attribute::Text(it) => it.len(),
        // One for each two digits, one more, and one for a minus.
        Attribute::Number(it) => {
            let digits = it.bytes().filter(u8::is_ascii_digit).count();
            digits.div_ceil(2) + 1 + usize::from(it.starts_with('-'))
        }
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
        Attribute::Number(it) => number(it),
        Attribute::Map(_) | Attribute::List(_) if depth == MOST_DEPTH => {
            Err(format!("more than {MOST_DEPTH} lists and maps in each other"))
        }
        Attribute::Map(it) => values(it, depth + 1),
        Attribute::List(it) => it.iter().try_for_each(|it| self::value(it, depth + 1)),
        Attribute::Text(_) | Attribute::Bool(_) | Attribute::Null => Ok(()),
    }
}

/// Up to 38 digits, and up to 9.9e125 either side of zero, or as close to it as 1e-130.
fn number(text: &str) -> Result<(), String> {
    let bad = || format!("`{text}` is no number that DynamoDB takes");
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (digits, exponent) = match digits.split_once(['e', 'E']) {
        None => (digits, 0),
        Some((digits, exponent)) => (digits, exponent.parse::<i64>().map_err(|_| bad())?),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = [whole, part].concat();
    if all.is_empty() || !all.bytes().all(|it| it.is_ascii_digit()) {
        return Err(bad());
    }
    let Some(first) = all.find(|it| it != '0') else { return Ok(()) };
    let significant = all[first..].trim_end_matches('0').len();
    // Both are far below what an i64 holds: a number is a part of a request.
    let power = exponent + i64::try_from(whole.len()).unwrap_or(i64::MAX)
        - 1
        - i64::try_from(first).unwrap_or(i64::MAX);
    match significant <= MOST_DIGITS && POWERS.contains(&power) {
        true => Ok(()),
        false => Err(bad()),
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

    /// The numbers are those that AWS documents.
    #[test]
    fn an_item_has_up_to_400_kb() {
        // The key and its name, and the name `a`.
        let rest = "order_id".len() + "k".len() + "a".len();
        let sized = |bytes: usize| of(&[("a", text("x".repeat(bytes - rest)))]);
        assert_eq!(bytes(&sized(MOST_BYTES)), MOST_BYTES);
        assert_eq!(item(&sized(MOST_BYTES)), Ok(()));
        assert!(item(&sized(MOST_BYTES + 1)).is_err());
        // Bytes, not characters.
        assert!(item(&of(&[("a", text("€".repeat(MOST_BYTES / 2)))])).is_err());
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
    fn keys_have_a_length() {
        fn check(key: Attribute, is_good: bool) {
            let item: Attributes = [(KEY.to_owned(), key)].into();
            assert_eq!(super::item(&item).is_ok(), is_good);
        }
        check(text(""), false);
        check(text("k".repeat(2_048)), true);
        check(text("k".repeat(2_049)), false);
        check(Attribute::Number("1".to_owned()), false);
        assert!(item(&Attributes::new()).is_err());
        assert!(item(&of(&[("status", text(""))])).is_err());
        assert!(item(&of(&[("updated_at", text("u".repeat(1_025)))])).is_err());
        assert!(item(&of(&[("updated_at", text("u".repeat(1_024)))])).is_ok());
    }

    #[test]
    fn numbers_have_38_digits() {
        fn check(number: &str, is_good: bool) {
            let found = item(&of(&[("a", Attribute::Number(number.to_owned()))]));
            assert_eq!(found.is_ok(), is_good, "{number}");
        }
        for good in ["0", "-0", "007.10", "29.99", "-1e-130", "9.9e125", "0.000", "1E+5"] {
            check(good, true);
        }
        for bad in ["", "-", ".", "x", "1e", "NaN", "1e126", "1e-131", "1,5", "0x1"] {
            check(bad, false);
        }
        check(&"1".repeat(38), true);
        check(&"1".repeat(39), false);
        check(&format!("{}000", "1".repeat(38)), true);
        check(&format!("0.{}{}", "0".repeat(20), "1".repeat(38)), true);
        check(&format!("1.{}", "1".repeat(38)), false);
    }

    #[test]
    fn depth_has_an_end() {
        let nested =
            |depth: usize| (0..depth).fold(text("x"), |inner, _| Attribute::List(vec![inner]));
        assert_eq!(item(&of(&[("a", nested(32))])), Ok(()));
        assert!(item(&of(&[("a", nested(33))])).is_err());
    }

    #[test]
    fn a_transaction_has_each_item_once() {
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
    }
}
