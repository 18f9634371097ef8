//! The condition of a write to DynamoDB, and the attributes that identify an item.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html>

use std::marker::PhantomData;

use function_contract::{
    item::{self, Item, Replaceable},
    path::{Attribute, AttributeType, Expr, Source},
};

use super::jsonata;
use crate::model::expr::Body;

/// An attribute of an `I`, and the value that it must have, as a path in a `Root`.
pub struct Same<Root, I> {
    /// The attribute's name.
    pub(super) name: String,
    pub(super) value: Source,
    _tag: PhantomData<fn(Root) -> I>,
}

/// Requires that an attribute has a value. Both are texts, which DynamoDB and JSONata compare in the same way.
pub fn same<Root, I: Item, T: Attribute>(
    attribute: &Expr<I, T>,
    value: &Expr<Root, T>,
) -> Same<Root, I> {
    const { assert!(matches!(T::TYPE, AttributeType::Text), "numbers and maps are not compared") };
    const { assert!(!T::OPTIONAL, "an attribute that may be absent has no value to compare") };
    Same { name: item::name(attribute), value: value.source().clone(), _tag: PhantomData }
}

/// The condition of a write.
pub struct When<Root, I> {
    expression: Option<Expression>,
    _tag: PhantomData<fn(Root) -> I>,
}

/// A condition expression, with the values of its placeholders.
struct Expression {
    text: String,
    names: Vec<(String, String)>,
    values: Vec<(String, Body)>,
}

impl<Root, I: Item> When<Root, I> {
    fn holds(expression: Option<Expression>) -> Self {
        When { expression, _tag: PhantomData }
    }

    /// None: the write replaces an existing item.
    pub fn always() -> Self
    where
        I: Replaceable,
    {
        When::holds(None)
    }

    /// There is no item with this key.
    pub fn absent() -> Self {
        When::absent_or(&[])
    }

    /// There is no item with this key, or an item with all these values.
    pub fn absent_or(all: &[Same<Root, I>]) -> Self {
        let mut text = "attribute_not_exists(#key)".to_owned();
        let mut names = vec![("#key".to_owned(), item::name(&I::key()))];
        let mut values = Vec::new();
        let mut terms = Vec::new();
        for (at, it) in all.iter().enumerate() {
            terms.push(format!("#c{at} = :c{at}"));
            names.push((format!("#c{at}"), it.name.clone()));
            values.push((format!(":c{at}"), jsonata::attribute(AttributeType::Text, &it.value)));
        }
        if !terms.is_empty() {
            text.extend([" OR (", &terms.join(" AND "), ")"]);
        }
        When::holds(Some(Expression { text, names, values }))
    }

    pub(super) fn fields(self) -> Vec<(&'static str, Body)> {
        let Some(Expression { text, names, values }) = self.expression else {
            return Vec::new();
        };
        let names = names.into_iter().map(|(at, name)| (at, Body::from(name)));
        let mut fields = vec![
            ("ConditionExpression", text.into()),
            ("ExpressionAttributeNames", Body::map(names)),
        ];
        if !values.is_empty() {
            fields.push(("ExpressionAttributeValues", Body::map(values)));
        }
        fields
    }
}
