//! Signals: a statistic of a metric, or an expression over several metrics. An alarm compares it with a threshold.

use std::marker::PhantomData;

use super::{
    expr::Body,
    metric::{Range, Source, Values as _},
    unit::{Count, Unit},
};

/// The statistic over the values of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::model) enum Statistic {
    Sum,
    Average,
    Maximum,
    P99,
}

impl Statistic {
    pub(in crate::model) const fn name(self) -> &'static str {
        match self {
            Statistic::Sum => "Sum",
            Statistic::Average => "Average",
            Statistic::Maximum => "Maximum",
            Statistic::P99 => "p99",
        }
    }

    /// The argument for the statistic: Terraform has a separate one for percentiles.
    const fn argument(self) -> &'static str {
        match self {
            Statistic::P99 => "extended_statistic",
            Statistic::Sum | Statistic::Average | Statistic::Maximum => "statistic",
        }
    }
}

/// A statistic of one metric, in the unit `U`.
#[derive(Debug, Clone)]
pub struct Stat<U> {
    pub(in crate::model) source: Source,
    pub(in crate::model) statistic: Statistic,
    range: Range,
    _unit: PhantomData<fn() -> U>,
}

impl<U: Unit> Stat<U> {
    pub(in crate::model) fn new(source: Source, range: Range, statistic: Statistic) -> Self {
        Stat { source, statistic, range, _unit: PhantomData }
    }
}

/// The value that an alarm watches, in the unit `U`.
#[derive(Debug, Clone)]
pub struct Signal<U> {
    form: Form,
    pub(in crate::model) range: Range,
    _unit: PhantomData<fn() -> U>,
}

#[derive(Debug, Clone)]
pub(in crate::model) enum Form {
    /// A statistic of one metric.
    Of(Source, Statistic),
    /// The sum of several metrics.
    Total(Vec<Source>),
    /// The share of `part` in `part + rest`, from `at_least` events in a period on.
    Share { part: Source, rest: Source, at_least: u32 },
    /// The share of `part` in `whole`, which includes it, from `at_least` events in a period on.
    PartOf { part: Source, whole: Source, at_least: u32 },
}

impl<U: Unit> From<Stat<U>> for Signal<U> {
    fn from(it: Stat<U>) -> Self {
        Signal::new(Form::Of(it.source, it.statistic), it.range)
    }
}

impl Signal<Count> {
    /// A signal of events that should not happen.
    pub(in crate::model) fn faults(form: Form) -> Self {
        Signal::new(form, super::metric::Faults::RANGE)
    }
}

impl<U: Unit> Signal<U> {
    pub(in crate::model) fn new(form: Form, range: Range) -> Self {
        Signal { form, range, _unit: PhantomData }
    }

    /// The reason for which its share has no meaning, if it has none.
    pub(in crate::model) fn meaningless_share(&self) -> Option<String> {
        match &self.form {
            Form::Share { part, rest: other, at_least }
            | Form::PartOf { part, whole: other, at_least } => {
                let name = part.name;
                if part == other {
                    return Some(format!("the share of {name} in {name} is always the same"));
                }
                (*at_least == 0).then(|| format!("the share of {name} in no events is 0 / 0"))
            }
            Form::Of(..) | Form::Total(_) => None,
        }
    }

    /// Whether it is the sum of no metric.
    pub(in crate::model) fn is_of_nothing(&self) -> bool {
        matches!(&self.form, Form::Total(all) if all.is_empty())
    }

    /// The arguments of an alarm on it.
    pub(in crate::model) fn fields(self, period: u32) -> Vec<(&'static str, Body)> {
        match self.form {
            Form::Of(source, statistic) => {
                let mut fields = source.fields();
                fields.push(("period", period.into()));
                fields.push((statistic.argument(), statistic.name().into()));
                fields
            }
            Form::Total(all) => {
                let sum: Vec<_> = (1..=all.len()).map(counted).collect();
                vec![("metric_query", queries(all, period, sum.join(" + "), "Sum of all"))]
            }
            Form::Share { part, rest, at_least } => {
                let all = format!("({} + {})", counted(1), counted(2));
                share(part, rest, &all, at_least, period)
            }
            Form::PartOf { part, whole, at_least } => {
                share(part, whole, &counted(2), at_least, period)
            }
        }
    }
}

/// A metric in an expression. Missing data counts as 0.
pub(in crate::model) fn counted(at: usize) -> String {
    format!("FILL(m{at}, 0)")
}

/// The share of `m1` in `all`, an expression of `m1` and `m2`.
fn share(
    part: Source,
    other: Source,
    all: &str,
    at_least: u32,
    period: u32,
) -> Vec<(&'static str, Body)> {
    let label = format!("Share of {}", part.name);
    let expression = format!("IF({all} >= {at_least}, {} / {all}, 0)", counted(1));
    vec![("metric_query", queries(vec![part, other], period, expression, &label))]
}

/// Metrics `m1`, `m2`, … as sums, and the expression over them.
pub(in crate::model) fn queries(
    metrics: Vec<Source>,
    period: u32,
    expression: String,
    label: &str,
) -> Body {
    let result = Body::map([
        ("id", "result".into()),
        ("expression", expression.into()),
        ("label", label.to_owned().into()),
        ("return_data", true.into()),
    ]);
    let inputs = metrics.iter().enumerate().map(|(at, metric)| {
        let mut fields = metric.fields();
        fields.push(("period", period.into()));
        fields.push(("stat", "Sum".into()));
        Body::map([
            ("id", format!("m{}", at + 1).into()),
            ("metric", Body::List(vec![Body::map(fields)])),
        ])
    });
    Body::list([result].into_iter().chain(inputs))
}
