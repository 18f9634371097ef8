//! Alarms: on metrics that exist, with somebody to tell, and with what to do.

use super::{
    expr::Body,
    limits::{EvaluationPeriods, Period},
    metric::Metric,
    name::Id,
    stack::{Handle, Meta, Module},
    topic::AlarmTopic,
};
use crate::violation::Violation;

/// How the values of a period become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// All of them added up.
    Sum,
    /// Their mean. Of a metric that is 0 or 1 for each request, the share.
    Average,
    /// The largest.
    Maximum,
    /// What 99 of 100 stay below.
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

    /// Terraform keeps percentiles apart from the plain statistics.
    const fn argument(self) -> &'static str {
        match self {
            Statistic::P99 => "extended_statistic",
            Statistic::Sum | Statistic::Average | Statistic::Maximum => "statistic",
        }
    }
}

/// What an alarm watches.
pub enum Signal {
    /// One metric.
    Of(Metric, Statistic),
    /// The sum of several metrics.
    Total(Vec<Metric>),
    /// The share of `part` in `part + rest`, from `at_least` events in a period on.
    Share {
        /// What is counted.
        part: Metric,
        /// The other outcome.
        rest: Metric,
        /// Below so many events a share says nothing.
        at_least: u32,
    },
}

/// An alarm.
pub struct AlarmSpec<'t> {
    /// What it watches.
    pub signal: Signal,
    /// It fires above this.
    pub above: f64,
    /// The length of a period.
    pub period: Period,
    /// It looks at so many of the latest periods,
    pub periods: EvaluationPeriods,
    /// and fires where so many of them are above.
    pub breaching: EvaluationPeriods,
    /// Who is told.
    pub notify: &'t Handle<AlarmTopic>,
}

impl Module<'_> {
    /// Adds an alarm. Its doc comment is what the person reads who is woken by it.
    ///
    /// No data is good news here: nothing was counted, so nothing went wrong.
    #[track_caller]
    pub fn alarm(&mut self, id: Id, spec: AlarmSpec<'_>) {
        let name = self.enter(id);
        self.named_alarm(name, id.doc(), spec);
    }

    /// As [`Module::alarm`], for alarms that stand once for each of several things.
    #[track_caller]
    pub fn named_alarm(&mut self, name: &str, doc: String, spec: AlarmSpec<'_>) {
        for (rule, problem, fix) in limits(&spec) {
            let address = self.address(TF_TYPE, name);
            self.stack.violate(Violation::new(rule, address.as_str(), problem, fix));
        }
        let notify = Body::list([spec.notify.attribute("arn")]);
        let mut fields = vec![
            ("alarm_name", self.aws_name(name).into()),
            ("alarm_description", doc.clone().into()),
            ("comparison_operator", "GreaterThanThreshold".into()),
            ("threshold", spec.above.into()),
            ("evaluation_periods", spec.periods.into()),
            ("datapoints_to_alarm", spec.breaching.into()),
            ("treat_missing_data", "notBreaching".into()),
            ("alarm_actions", notify.clone()),
            ("ok_actions", notify),
        ];
        let period = spec.period.get();
        match spec.signal {
            Signal::Of(metric, statistic) => {
                fields.extend(metric.fields());
                fields.push(("period", period.into()));
                fields.push((statistic.argument(), statistic.name().into()));
            }
            Signal::Total(metrics) => {
                let sum: Vec<_> = (1..=metrics.len()).map(counted).collect();
                let queries = queries(metrics, period, sum.join(" + "), "Sum of all");
                fields.push(("metric_query", queries));
            }
            Signal::Share { part, rest, at_least } => {
                let label = format!("Share of {}", part.name());
                let (part_count, rest_count) = (counted(1), counted(2));
                let all = format!("{part_count} + {rest_count}");
                let share = format!("IF({all} >= {at_least}, {part_count} / ({all}), 0)");
                fields.push(("metric_query", queries(vec![part, rest], period, share, &label)));
            }
        }
        self.push(TF_TYPE, name, doc, Body::map(fields), Meta::default());
    }
}

const TF_TYPE: &str = "aws_cloudwatch_metric_alarm";

/// How far back an alarm may look: a day, or a week where a period is an hour or longer.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn limits(spec: &AlarmSpec<'_>) -> Vec<(&'static str, String, &'static str)> {
    let (period, periods) = (spec.period.get(), spec.periods.get());
    let most = if period < 3600 { 86_400 } else { 7 * 86_400 };
    let mut found = Vec::new();
    if period * u32::from(periods) > most {
        found.push((
            "limit/alarm-window",
            format!("it looks back {periods} x {period} s; CloudWatch takes {most} s in all"),
            "look at fewer or shorter periods",
        ));
    }
    if spec.breaching > spec.periods {
        found.push((
            "limit/alarm-datapoints",
            format!("it waits for {} periods above, but looks at {periods}", spec.breaching.get()),
            "look at as many periods as must be above, or more",
        ));
    }
    found
}

/// A metric in an expression: 0 where nothing was counted.
fn counted(at: usize) -> String {
    format!("FILL(m{at}, 0)")
}

/// Metrics `m1`, `m2`, … as sums, and the expression over them.
fn queries(metrics: Vec<Metric>, period: u32, expression: String, label: &str) -> Body {
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
