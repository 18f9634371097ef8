//! CloudWatch alarms: each on a metric that exists, with a topic to notify, and with instructions for the reader.

use super::{
    expr::Body,
    limits::{EvaluationPeriods, Period},
    metric::Metric,
    name::Id,
    stack::{Handle, Meta, Module},
    topic::AlarmTopic,
    trigger::Scheduled,
};
use crate::violation::Violation;

/// The statistic over the values of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statistic {
    /// The sum.
    Sum,
    /// The mean. For a metric that is 0 or 1 for each request, this is the share of ones.
    Average,
    /// The largest value.
    Maximum,
    /// The 99th percentile.
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

/// The signal that an alarm watches.
pub enum Signal {
    /// One metric.
    Of(Metric, Statistic),
    /// The sum of several metrics.
    Total(Vec<Metric>),
    /// The share of `part` in `part + rest`, from `at_least` events in a period on.
    Share {
        /// The metric of the events in the share.
        part: Metric,
        /// The metric of the other events.
        rest: Metric,
        /// The least number of events for which the share is significant.
        at_least: u32,
    },
    /// The share of `part` in `all`, from `at_least` events in a period on.
    PartOf {
        /// The metric of the events in the share.
        part: Metric,
        /// The metric of all events, including those of `part`.
        all: Metric,
        /// The least number of events for which the share is significant.
        at_least: u32,
    },
}

/// An alarm.
pub struct AlarmSpec<'t> {
    /// The signal that it watches.
    pub signal: Signal,
    /// It fires above this.
    pub above: f64,
    /// The length of a period.
    pub period: Period,
    /// The number of latest periods that it evaluates.
    pub periods: EvaluationPeriods,
    /// It fires if at least this number of them is above the threshold.
    pub breaching: EvaluationPeriods,
    /// The topic that it notifies.
    pub notify: &'t Handle<AlarmTopic>,
}

impl Module<'_> {
    /// Adds an alarm. Its doc comment becomes the description that the notified person reads.
    ///
    /// Missing data counts as good: if nothing was counted, nothing failed. For events that must happen regularly, add
    /// a [`Module::heartbeat`].
    #[track_caller]
    pub fn alarm(&mut self, id: Id, spec: AlarmSpec<'_>) {
        let name = self.enter(id);
        self.named_alarm(name, id.doc(), spec);
    }

    /// Adds an alarm with a given name, for alarms that are added once for each of several resources.
    #[track_caller]
    pub fn named_alarm(&mut self, name: &str, doc: String, spec: AlarmSpec<'_>) {
        for (rule, problem, fix) in limits(&spec) {
            let address = self.address(TF_TYPE, name);
            self.stack.violate(Violation::new(rule, address.as_str(), problem, fix));
        }
        let period = spec.period.get();
        let signal = match spec.signal {
            Signal::Of(metric, statistic) => {
                let mut fields = metric.fields();
                fields.push(("period", period.into()));
                fields.push((statistic.argument(), statistic.name().into()));
                fields
            }
            Signal::Total(metrics) => {
                let sum: Vec<_> = (1..=metrics.len()).map(counted).collect();
                vec![("metric_query", queries(metrics, period, sum.join(" + "), "Sum of all"))]
            }
            Signal::Share { part, rest, at_least } => {
                let all = format!("({} + {})", counted(1), counted(2));
                share(part, rest, &all, at_least, period)
            }
            Signal::PartOf { part, all, at_least } => {
                share(part, all, &counted(2), at_least, period)
            }
        };
        let fires = Fires {
            operator: "GreaterThanThreshold",
            threshold: spec.above,
            periods: spec.periods,
            breaching: spec.breaching,
            missing_data: "notBreaching",
        };
        self.push_alarm(name, doc, signal, &fires, spec.notify);
    }

    /// Adds an alarm that fires if a scheduled function was not invoked in two intervals, whatever the cause: a
    /// disabled schedule, a missing permission, or a throttled function.
    ///
    /// One empty interval is not enough, because the scheduler may call up to a minute late. An interval without a call
    /// has no data, so the expression fills it with 0. Otherwise CloudWatch would evaluate older periods with data, and
    /// the alarm would be late.
    ///
    /// A cron expression has no interval, so it gets no alarm, and `policy/schedule-heartbeat` refuses
    /// its schedule.
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>
    #[track_caller]
    pub fn heartbeat(&mut self, id: Id, of: &Scheduled, notify: &Handle<AlarmTopic>) {
        const TWO: EvaluationPeriods = EvaluationPeriods::new(2);
        let name = self.enter(id);
        let Some(interval) = of.when.interval() else { return };
        let label = format!("Count of {}", of.calls.name());
        let calls = queries(vec![of.calls.clone()], interval.get(), counted(1), &label);
        let fires = Fires {
            operator: "LessThanThreshold",
            threshold: 1.0,
            periods: TWO,
            breaching: TWO,
            missing_data: "breaching",
        };
        self.push_alarm(name, id.doc(), vec![("metric_query", calls)], &fires, notify);
    }

    #[track_caller]
    fn push_alarm(
        &mut self,
        name: &str,
        doc: String,
        signal: Vec<(&'static str, Body)>,
        fires: &Fires,
        notify: &Handle<AlarmTopic>,
    ) {
        let notify = Body::list([notify.attribute("arn")]);
        let mut fields = vec![
            ("alarm_name", self.aws_name(name).into()),
            ("alarm_description", doc.clone().into()),
            ("comparison_operator", fires.operator.into()),
            ("threshold", fires.threshold.into()),
            ("evaluation_periods", fires.periods.into()),
            ("datapoints_to_alarm", fires.breaching.into()),
            ("treat_missing_data", fires.missing_data.into()),
            ("alarm_actions", notify.clone()),
            ("ok_actions", notify),
        ];
        fields.extend(signal);
        self.push(TF_TYPE, name, doc, Body::map(fields), Meta::default());
    }
}

/// When an alarm fires.
struct Fires {
    operator: &'static str,
    threshold: f64,
    periods: EvaluationPeriods,
    breaching: EvaluationPeriods,
    /// The value of `treat_missing_data`.
    missing_data: &'static str,
}

const TF_TYPE: &str = "aws_cloudwatch_metric_alarm";

/// The longest evaluation range of an alarm: a day, or a week if a period is an hour or longer.
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

/// A metric in an expression. Missing data counts as 0.
fn counted(at: usize) -> String {
    format!("FILL(m{at}, 0)")
}

/// The share of `m1` in `all`, an expression of `m1` and `m2`.
fn share(
    part: Metric,
    other: Metric,
    all: &str,
    at_least: u32,
    period: u32,
) -> Vec<(&'static str, Body)> {
    let label = format!("Share of {}", part.name());
    let expression = format!("IF({all} >= {at_least}, {} / {all}, 0)", counted(1));
    vec![("metric_query", queries(vec![part, other], period, expression, &label))]
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
