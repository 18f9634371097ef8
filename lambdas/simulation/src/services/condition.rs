//! Condition and update expressions, evaluated. Only the part of their grammar that the system uses is known.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html>

use std::{cmp::Ordering, collections::BTreeMap};

use runtime::{
    expression::Expression,
    item::{Attribute, Attributes},
};

use super::number::Number;

/// An expression that DynamoDB would refuse, or that the simulation does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the expression `{0}` is not understood at `{1}`")]
pub struct NotUnderstood(String, String);

/// Whether a condition is true for an item. `None` is a missing item.
///
/// # Errors
///
/// If the simulation does not know its syntax.
pub fn holds(expression: &Expression, item: Option<&Attributes>) -> Result<bool, NotUnderstood> {
    let mut any = false;
    for part in expression.text.split(" OR ") {
        let mut all = true;
        let part = part.trim();
        let part = part.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(part);
        for term in part.split(" AND ") {
            all &= term_holds(term.trim(), expression, item)
                .ok_or_else(|| NotUnderstood(expression.text.clone(), term.to_owned()))?;
        }
        any |= all;
    }
    Ok(any)
}

/// Returns the item after an update expression.
///
/// # Errors
///
/// If the simulation does not know its syntax.
pub fn updated(update: &Expression, item: &Attributes) -> Result<Attributes, NotUnderstood> {
    let not = |at: &str| NotUnderstood(update.text.clone(), at.to_owned());
    let text = update.text.trim();
    let (set, remove) = match text.strip_prefix("REMOVE ") {
        Some(remove) => (None, Some(remove)),
        None => {
            let set = text.strip_prefix("SET ").ok_or_else(|| not("SET"))?;
            match set.split_once(" REMOVE ") {
                Some((set, remove)) => (Some(set), Some(remove)),
                None => (Some(set), None),
            }
        }
    };
    let mut item = item.clone();
    for assignment in set.into_iter().flat_map(|it| it.split(", ")) {
        let (name, value) = assignment.split_once(" = ").ok_or_else(|| not(assignment))?;
        let name = named(name, &update.names).ok_or_else(|| not(name))?;
        let value = update.values.get(value).ok_or_else(|| not(value))?;
        item.insert(name.to_owned(), value.clone());
    }
    for name in remove.into_iter().flat_map(|it| it.split(", ")) {
        item.remove(named(name, &update.names).ok_or_else(|| not(name))?);
    }
    Ok(item)
}

fn term_holds(term: &str, whole: &Expression, item: Option<&Attributes>) -> Option<bool> {
    let value_of = |name: &str| {
        let name = named(name, &whole.names)?;
        Some(item.and_then(|it| it.get(name)))
    };
    if let Some(name) = term.strip_prefix("attribute_not_exists(") {
        return Some(value_of(name.strip_suffix(')')?)?.is_none());
    }
    let mut words = term.split(' ');
    let (name, comparison, value) = (words.next()?, words.next()?, words.next()?);
    let (left, right) = (value_of(name)?, whole.values.get(value)?);
    // A comparison with a missing attribute is false.
    let order = left.and_then(|left| compare(left, right));
    match comparison {
        "=" => Some(order == Some(Ordering::Equal)),
        "<" => Some(order == Some(Ordering::Less)),
        _ => None,
    }
}

fn named<'a>(placeholder: &str, names: &'a BTreeMap<String, String>) -> Option<&'a str> {
    names.get(placeholder).map(String::as_str)
}

/// Compares two values of one type. Values of different types do not compare.
fn compare(left: &Attribute, right: &Attribute) -> Option<Ordering> {
    match (left, right) {
        (Attribute::Number(left), Attribute::Number(right)) => {
            Number::parse(left)?.partial_cmp(&Number::parse(right)?)
        }
        (Attribute::Text(left), Attribute::Text(right)) => Some(left.cmp(right)),
        (left, right) => (left == right).then_some(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(text: &str) -> Expression {
        let names = [("#a", "a"), ("#b", "b")];
        let values =
            [(":one", Attribute::Number("1".to_owned())), (":x", Attribute::Text("x".to_owned()))];
        Expression {
            text: text.to_owned(),
            names: names.map(|(at, name)| (at.to_owned(), name.to_owned())).into(),
            values: values.map(|(at, value)| (at.to_owned(), value)).into(),
        }
    }

    #[test]
    fn conditions_are_true_or_false() {
        fn check(text: &str, item: Option<&[(&str, &str)]>, expected: Option<bool>) {
            let item = item.map(|it| {
                it.iter()
                    .map(|(name, text)| ((*name).to_owned(), Attribute::Text((*text).to_owned())))
                    .collect()
            });
            let found = holds(&expression(text), item.as_ref()).ok();
            assert_eq!(found, expected, "{text} of {item:?}");
        }
        check("attribute_not_exists(#a)", None, Some(true));
        check("attribute_not_exists(#a)", Some(&[("a", "x")]), Some(false));
        check("attribute_not_exists(#a) OR #b = :x", Some(&[("a", "x")]), Some(false));
        check("attribute_not_exists(#a) OR #b = :x", Some(&[("a", "y"), ("b", "x")]), Some(true));
        let either = "attribute_not_exists(#a) OR (#a = :x AND #b = :x)";
        check(either, None, Some(true));
        check(&format!("{either}  "), None, Some(true));
        check(either, Some(&[("a", "x"), ("b", "x")]), Some(true));
        check(either, Some(&[("a", "x"), ("b", "y")]), Some(false));
        check(either, Some(&[("a", "y"), ("b", "x")]), Some(false));
        check("#a = :x", None, Some(false));
        check("#a = :x AND #b = :x", Some(&[("a", "x"), ("b", "y")]), Some(false));
        check("#a = :x AND #b = :x", Some(&[("a", "x"), ("b", "x")]), Some(true));
        check("#a < :x", Some(&[("a", "w")]), Some(true));
        check("#a < :x", Some(&[("a", "x")]), Some(false));
        // A text is neither equal to a number nor less.
        check("#a = :one", Some(&[("a", "1")]), Some(false));
        check("#a > :x", Some(&[("a", "x")]), None);
        check("#c = :x", Some(&[]), None);
        check("contains(#a, :x)", Some(&[]), None);
    }

    #[test]
    fn updates_set_and_remove() {
        fn check(text: &str, expected: Option<&[&str]>) {
            let item = [("a", "1"), ("b", "2"), ("c", "3")];
            let item = item.map(|(at, it)| (at.to_owned(), Attribute::Text(it.to_owned()))).into();
            let found = updated(&expression(text), &item).ok();
            let found = found.map(|it| {
                let shown = it.into_iter().map(|(name, it)| format!("{name} {it:?}"));
                shown.collect::<Vec<_>>()
            });
            let expected = expected.map(|it| it.iter().map(|it| (*it).to_owned()).collect());
            assert_eq!(found, expected, "{text}");
        }
        let (b, c) = ("b Text(\"2\")", "c Text(\"3\")");
        check("SET #a = :x", Some(&["a Text(\"x\")", b, c]));
        check("REMOVE #a", Some(&[b, c]));
        check("SET #a = :x REMOVE #b", Some(&["a Text(\"x\")", c]));
        check("REMOVE #a, #b", Some(&[c]));
        check("SET #a", None);
        check("REMOVE #z", None);
        check("ADD #a :one", None);
    }
}
