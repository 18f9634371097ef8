//! Update and condition expressions over typed paths.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>

use std::{collections::BTreeMap, marker::PhantomData};

use contracts::{item::Item, path::Expr};
use serde::Serialize;

use crate::item::{Attribute, Attributes, attribute};

/// An expression's text, with placeholders for names and values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Expression {
    /// Such as `#c0 = :c0`.
    pub text: String,
    /// What `#c0` stands for.
    pub names: BTreeMap<String, String>,
    /// What `:c0` stands for.
    pub values: Attributes,
}

impl Expression {
    /// The placeholders of the next name and value, which begin with `letter`.
    fn add(&mut self, letter: char, name: String, value: Attribute) -> (String, String) {
        let number = self.names.len();
        let (name_at, value_at) = (format!("#{letter}{number}"), format!(":{letter}{number}"));
        self.names.insert(name_at.clone(), name);
        self.values.insert(value_at.clone(), value);
        (name_at, value_at)
    }

    fn join(&mut self, between: &str, more: &str) {
        if !self.text.is_empty() {
            self.text.push_str(between);
        }
        self.text.push_str(more);
    }
}

/// What must hold of an item. All of it.
#[derive(Debug, Clone)]
pub struct When<I> {
    expression: Expression,
    _item: PhantomData<fn() -> I>,
}

impl<I: Item> When<I> {
    /// There is no item under this key.
    pub fn absent() -> Self {
        let mut expression = Expression::default();
        expression.names.insert("#key".to_owned(), contracts::item::name(&I::key()));
        expression.text = "attribute_not_exists(#key)".to_owned();
        When { expression, _item: PhantomData }
    }

    /// The item is there, and this attribute of it has this value.
    pub fn is<T: Serialize>(path: &Expr<I, T>, value: &T) -> Self {
        When { expression: Expression::default(), _item: PhantomData }.and("=", path, value)
    }

    /// And this attribute, too, has this value.
    pub fn and_is<T: Serialize>(self, path: &Expr<I, T>, value: &T) -> Self {
        self.and("=", path, value)
    }

    /// And this attribute is less than this value.
    pub fn and_below<T: Serialize>(self, path: &Expr<I, T>, value: &T) -> Self {
        self.and("<", path, value)
    }

    fn and<T: Serialize>(mut self, comparison: &str, path: &Expr<I, T>, value: &T) -> Self {
        let name = contracts::item::name(path);
        let (name, value) = self.expression.add('c', name, attribute(value));
        self.expression.join(" AND ", &format!("{name} {comparison} {value}"));
        self
    }

    pub(crate) fn expression(self) -> Expression {
        self.expression
    }
}

/// What to change about an item.
#[derive(Debug, Clone)]
pub struct Set<I> {
    expression: Expression,
    _item: PhantomData<fn() -> I>,
}

impl<I: Item> Set<I> {
    /// This attribute becomes this value.
    pub fn to<T: Serialize>(path: &Expr<I, T>, value: &T) -> Self {
        Set { expression: Expression::default(), _item: PhantomData }.and(path, value)
    }

    /// And this one, too.
    pub fn and<T: Serialize>(mut self, path: &Expr<I, T>, value: &T) -> Self {
        let name = contracts::item::name(path);
        let (name, value) = self.expression.add('s', name, attribute(value));
        let lead = if self.expression.text.is_empty() { "SET " } else { "" };
        self.expression.join(", ", &format!("{lead}{name} = {value}"));
        self
    }

    pub(crate) fn expression(self) -> Expression {
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
    }
}
