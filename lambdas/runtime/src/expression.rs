//! Update and condition expressions over typed paths.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>

use std::{collections::BTreeMap, marker::PhantomData};

use function_contract::{item::Item, path::Expr};
use serde::Serialize;

use crate::item::{Attribute, Attributes, attribute};

/// An expression's text, with placeholders for names and values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expression {
    /// Such as `#c0 = :c0`.
    pub text: String,
    /// The attribute of each placeholder such as `#c0`.
    pub names: BTreeMap<String, String>,
    /// The value of each placeholder such as `:c0`.
    pub values: Attributes,
}

impl Expression {
    /// Adds a name, and returns its placeholder, which begins with `letter`.
    fn name(&mut self, letter: char, name: String) -> String {
        let at = format!("#{letter}{}", self.names.len());
        self.names.insert(at.clone(), name);
        at
    }

    /// Adds a value, and returns its placeholder, which has the same number as the placeholder of its name.
    fn value(&mut self, name_at: &str, value: Attribute) -> String {
        let at = name_at.replacen('#', ":", 1);
        self.values.insert(at.clone(), value);
        at
    }

    fn join(&mut self, between: &str, more: &str) {
        if !self.text.is_empty() {
            self.text.push_str(between);
        }
        self.text.push_str(more);
    }
}

/// A condition on an item. All of its parts must hold.
#[derive(Debug, Clone)]
pub struct When<I> {
    expression: Expression,
    _item: PhantomData<fn() -> I>,
}

impl<I: Item> When<I> {
    /// Requires that no item with this key exists.
    pub fn absent() -> Self {
        let mut expression = Expression::default();
        expression.names.insert("#key".to_owned(), function_contract::item::name(&I::key()));
        expression.text = "attribute_not_exists(#key)".to_owned();
        When { expression, _item: PhantomData }
    }

    /// Requires that the item exists and that this attribute has this value.
    pub fn is<T: Serialize>(path: &Expr<I, T>, value: &T) -> Self {
        When { expression: Expression::default(), _item: PhantomData }.and("=", path, value)
    }

    /// Requires also that this attribute has this value. If the value is absent, the attribute must not exist.
    pub fn and_is<T: Serialize>(self, path: &Expr<I, T>, value: &T) -> Self {
        self.and("=", path, value)
    }

    /// Requires also that this attribute is less than this value.
    pub fn and_below<T: Serialize>(self, path: &Expr<I, T>, value: &T) -> Self {
        self.and("<", path, value)
    }

    fn and<T: Serialize>(mut self, comparison: &str, path: &Expr<I, T>, value: &T) -> Self {
        let name = self.expression.name('c', function_contract::item::name(path));
        let condition = match attribute(value) {
            Attribute::Null => format!("attribute_not_exists({name})"),
            value => format!("{name} {comparison} {}", self.expression.value(&name, value)),
        };
        self.expression.join(" AND ", &condition);
        self
    }

    pub(crate) fn expression(self) -> Expression {
        self.expression
    }
}

/// The changes of an update.
#[derive(Debug, Clone)]
pub struct Set<I> {
    expression: Expression,
    /// The names of the attributes to remove.
    removed: Vec<String>,
    _item: PhantomData<fn() -> I>,
}

impl<I: Item> Set<I> {
    /// Sets this attribute to this value, or removes it if the value is absent.
    pub fn to<T: Serialize>(path: &Expr<I, T>, value: &T) -> Self {
        let expression = Expression::default();
        Set { expression, removed: Vec::new(), _item: PhantomData }.and(path, value)
    }

    /// Sets another attribute, or removes it if the value is absent.
    pub fn and<T: Serialize>(mut self, path: &Expr<I, T>, value: &T) -> Self {
        let name = self.expression.name('s', function_contract::item::name(path));
        match attribute(value) {
            Attribute::Null => self.removed.push(name),
            value => {
                let value = self.expression.value(&name, value);
                let lead = if self.expression.text.is_empty() { "SET " } else { "" };
                self.expression.join(", ", &format!("{lead}{name} = {value}"));
            }
        }
        self
    }

    pub(crate) fn expression(mut self) -> Expression {
        if !self.removed.is_empty() {
            self.expression.join(" ", &format!("REMOVE {}", self.removed.join(", ")));
        }
        self.expression
    }
}

#[cfg(test)]
mod tests {
    use contracts::{domain::OrderStatus, order::OrderRecord};

    use super::*;

    #[test]
    fn expressions_are_written_with_placeholders() {
        fn check(expression: Expression, text: &str, names: &[(&str, &str)]) {
            assert_eq!(expression.text, text);
            let found: Vec<_> =
                expression.names.iter().map(|(at, name)| (at.as_str(), name.as_str())).collect();
            assert_eq!(found, names);
        }
        let at = OrderRecord::at();
        check(
            When::<OrderRecord>::absent().expression(),
            "attribute_not_exists(#key)",
            &[("#key", "order_id")],
        );
        check(
            When::is(&at.status, &OrderStatus::Failed).and_is(&at.round, &1).expression(),
            "#c0 = :c0 AND #c1 = :c1",
            &[("#c0", "status"), ("#c1", "round")],
        );
        check(
            Set::to(&at.status, &OrderStatus::Failed).and(&at.round, &1).expression(),
            "SET #s0 = :s0, #s1 = :s1",
            &[("#s0", "status"), ("#s1", "round")],
        );
        // An absent value means an absent attribute.
        let both = Set::to(&at.error_message, &None).and(&at.round, &1).and(&at.metadata, &None);
        let both = both.and(&at.status, &OrderStatus::Fulfilled).expression();
        assert_eq!(both.values.keys().collect::<Vec<_>>(), [":s1", ":s3"]);
        check(
            both,
            "SET #s1 = :s1, #s3 = :s3 REMOVE #s0, #s2",
            &[("#s0", "error_message"), ("#s1", "round"), ("#s2", "metadata"), ("#s3", "status")],
        );
        let removed = Set::to(&at.error_message, &None).expression();
        check(removed, "REMOVE #s0", &[("#s0", "error_message")]);
        let when = When::is(&at.status, &OrderStatus::Failed).and_is(&at.dead_letter, &None);
        let when = when.expression();
        assert_eq!(when.values.len(), 1);
        check(
            when,
            "#c0 = :c0 AND attribute_not_exists(#c1)",
            &[("#c0", "status"), ("#c1", "dead_letter")],
        );
    }
}
