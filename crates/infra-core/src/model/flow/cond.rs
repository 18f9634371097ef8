//! Conditions of a Choice state.

use std::marker::PhantomData;

use function_contract::path::{Expr, Numeric};
use serde::Serialize;
use serde_json::Value;

use super::jsonata;

/// A condition on an `I`.
#[must_use]
pub struct Cond<I> {
    pub(super) jsonata: String,
    _input: PhantomData<fn(I)>,
}

impl<I> Cond<I> {
    pub(super) fn new(jsonata: String) -> Self {
        Cond { jsonata, _input: PhantomData }
    }

    /// Both hold.
    pub fn and(self, other: Cond<I>) -> Cond<I> {
        Cond::new(format!("({}) and ({})", self.jsonata, other.jsonata))
    }

    /// At least one holds.
    pub fn or(self, other: Cond<I>) -> Cond<I> {
        Cond::new(format!("({}) or ({})", self.jsonata, other.jsonata))
    }
}

/// Tests of a value. Both sides have the same type.
pub trait Test<I, T>: Sized {
    /// It equals `other`.
    fn is(self, other: T) -> Cond<I>
    where
        T: Serialize;

    /// It is `other` or more.
    fn at_least(self, other: T) -> Cond<I>
    where
        T: Numeric;
}

impl<I, T> Test<I, T> for Expr<I, T> {
    fn is(self, other: T) -> Cond<I>
    where
        T: Serialize,
    {
        compare(&self, "=", &other)
    }

    fn at_least(self, other: T) -> Cond<I>
    where
        T: Numeric,
    {
        compare(&self, ">=", &other)
    }
}

fn compare<I, T: Serialize>(value: &Expr<I, T>, with: &str, other: &T) -> Cond<I> {
    // A value that cannot be serialized equals nothing.
    let other = serde_json::to_value(other).unwrap_or(Value::Null);
    let value = jsonata::expression(value.source());
    Cond::new(format!("{value} {with} {}", jsonata::literal(&other)))
}
