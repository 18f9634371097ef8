//! Alarms: on metrics that exist, with somebody to tell, and with what to do.

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
    /// The share of `part` in `all`, from `at_least` events in a period on.
    PartOf {
        /// What is counted.
        part: Metric,
        /// All events, those of `part` among them.
        all: Metric,
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
    /// No data is good news here: nothing was counted, so nothing went wrong. What is expected to
    /// happen again and again has a [`Module::heartbeat`] instead.
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

    /// Adds an alarm that fires where a scheduled function was not called in two intervals, whatever
    /// the cause: a schedule that is disabled or may not call, or a function that is throttled.
    ///
    /// One empty interval is no sign yet: the scheduler may call up to a minute late. An interval
    /// without a call has no data, so it is filled with 0. Otherwise CloudWatch would look further
    /// back for data, and the alarm would be late.
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
    /// How a period without data counts.
    missing_data: &'static str,
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

/// The share of `part`, which is `m1`, in `all`, which is said in terms of `m1` and `m2`.
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
