//! JSON with expressions in it: `Arguments` and `Output`.
//!
//! <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>

use serde_json::{Map, Value};

use crate::{
    expression::Expression,
    failure::Failure,
    problem::Report,
    scope::{Root, Scope},
};

#[derive(Debug)]
pub(crate) enum Template {
    /// A value without expressions.
    Fixed(Value),
    Expression(Box<Expression>),
    List(Vec<Template>),
    Object(Vec<(String, Template)>),
}

impl Template {
    /// Parses a value and each expression in it.
    pub(crate) fn parse(value: Value, place: &str, there: &[Root], report: &mut Report) -> Self {
        match value {
            Value::String(text) => match Text::of(&text, place, report) {
                Text::Expression(source) => {
                    match Expression::parse(source, place, there, report) {
                        Some(expression) => Template::Expression(Box::new(expression)),
                        // The problem is already reported.
                        None => Template::Fixed(Value::Null),
                    }
                }
                Text::Literal => Template::Fixed(Value::String(text)),
            },
            Value::Array(items) => {
                let items = items.into_iter().enumerate().map(|(at, item)| {
                    Template::parse(item, &format!("{place}[{at}]"), there, report)
                });
                let items: Vec<Template> = items.collect();
                match items.iter().map(Template::fixed).collect::<Option<Vec<_>>>() {
                    Some(fixed) => Template::Fixed(Value::Array(fixed)),
                    None => Template::List(items),
                }
            }
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, field)| {
                    let field = Template::parse(field, &format!("{place}/{name}"), there, report);
                    (name, field)
                });
                let fields: Vec<(String, Template)> = fields.collect();
                let fixed = fields.iter().map(|(name, it)| Some((name.clone(), it.fixed()?)));
                match fixed.collect::<Option<Map<_, _>>>() {
                    Some(fixed) => Template::Fixed(Value::Object(fixed)),
                    None => Template::Object(fields),
                }
            }
            value => Template::Fixed(value),
        }
    }

    fn fixed(&self) -> Option<Value> {
        match self {
            Template::Fixed(value) => Some(value.clone()),
            _ => None,
        }
    }

    /// Evaluates the expressions. Returns the value, or the first failure.
    pub(crate) fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        Ok(match self {
            Template::Fixed(value) => value.clone(),
            Template::Expression(expression) => expression.evaluate(scope)?,
            Template::List(items) => {
                let items = items.iter().map(|it| it.evaluate(scope));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Template::Object(fields) => {
                let fields =
                    fields.iter().map(|(name, it)| Ok((name.clone(), it.evaluate(scope)?)));
                Value::Object(fields.collect::<Result<_, Failure>>()?)
            }
        })
    }
}

/// The kind of a string in the document.
pub(crate) enum Text<'a> {
    Literal,
    /// The text between `{%` and `%}`.
    Expression(&'a str),
}

impl<'a> Text<'a> {
    /// Determines the kind. Reports a string with only one of `{%` and `%}`, because AWS refuses it.
    pub(crate) fn of(text: &'a str, place: &str, report: &mut Report) -> Self {
        if let Some(source) = text.strip_prefix("{%").and_then(|it| it.strip_suffix("%}")) {
            return Text::Expression(source);
        }
        let trimmed = text.trim();
        if trimmed.starts_with("{%") || trimmed.ends_with("%}") {
            report.add(format!("`{place}` must begin with `{{%` and end with `%}}`: {text:?}"));
        }
        Text::Literal
    }
}
