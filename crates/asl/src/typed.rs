//! A field of a fixed type: a constant, or the value of an expression.

use serde_json::Value;

use crate::{
    expression::Expression,
    failure::Failure,
    problem::Report,
    retry::MOST_SECONDS,
    scope::{Root, Scope},
    template::Text,
};

#[derive(Debug)]
pub(crate) enum Typed<T> {
    Fixed(T),
    Expression(Box<Expression>),
}

/// A type that a field can have.
pub(crate) trait Read: Sized + Clone {
    const TYPE: &str;

    fn read(value: &Value) -> Option<Self>;
}

impl Read for bool {
    const TYPE: &str = "boolean";

    fn read(value: &Value) -> Option<Self> {
        value.as_bool()
    }
}

impl Read for String {
    const TYPE: &str = "string";

    fn read(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

/// Whole seconds, from 0 to AWS's maximum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seconds(pub(crate) u32);

impl Read for Seconds {
    const TYPE: &str = "number";

    fn read(value: &Value) -> Option<Self> {
        let seconds = u32::try_from(value.as_u64()?).ok()?;
        (seconds <= MOST_SECONDS).then_some(Seconds(seconds))
    }
}

impl<T: Read> Typed<T> {
    pub(crate) fn parse(value: Value, place: &str, report: &mut Report) -> Option<Self> {
        if let Value::String(text) = &value
            && let Text::Expression(source) = Text::of(text, place, report)
        {
            let there = [Root::Input, Root::Context];
            let expression = Expression::parse(source, place, &there, report)?;
            return Some(Typed::Expression(Box::new(expression)));
        }
        let fixed = T::read(&value).map(Typed::Fixed);
        if fixed.is_none() {
            report.add(format!(
                "`{place}` is {value}, which is not a valid {} for this field",
                T::TYPE
            ));
        }
        fixed
    }

    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<T, Failure> {
        match self {
            Typed::Fixed(value) => Ok(value.clone()),
            Typed::Expression(expression) => {
                let value = expression.evaluate(scope)?;
                T::read(&value).ok_or_else(|| expression.unexpected(scope, T::TYPE, &value))
            }
        }
    }
}
