//! CloudWatch alarms: each on a signal that exists, above a threshold in the unit of the signal, with a topic to notify, and
//! with instructions for the reader.

mod chance;

use function_contract::{
    metric::{MetricName, Outcome},
    setting::Percent,
};

use super::{
    expr::Body,
    limits::{EvaluationPeriods, Period},
    metric::{Fault, Metric, Namespace, Summed},
    name::Id,
    signal::{Signal, counted, queries},
    stack::{Handle, Meta, Module},
    topic::AlarmTopic,
    trigger::Scheduled,
    unit::{Count, Share, Unit},
};
use crate::violation::Violation;

/// An alarm on a signal in the unit `U`.
pub struct AlarmSpec<'t, U> {
    /// The signal that it watches.
    pub signal: Signal<U>,
    /// It fires above this.
    pub above: U,
    /// The length of a period.
    pub period: Period,
    /// The number of latest periods that it evaluates.
    pub periods: EvaluationPeriods,
    /// It fires if at least this number of them is above the threshold.
    pub breaching: EvaluationPeriods,
    /// The topic that it notifies.
    pub notify: &'t Handle<AlarmTopic>,
}

const MINUTE: Period = Period::seconds(60);
const ONE: EvaluationPeriods = EvaluationPeriods::new(1);
const THREE: EvaluationPeriods = EvaluationPeriods::new(3);
const FIVE: EvaluationPeriods = EvaluationPeriods::new(5);

impl<'t, U: Unit> AlarmSpec<'t, U> {
    /// An alarm that fires if three of five minutes are above the threshold.
    pub fn lasting(signal: impl Into<Signal<U>>, above: U, notify: &'t Handle<AlarmTopic>) -> Self {
        let (signal, period) = (signal.into(), MINUTE);
        AlarmSpec { signal, above, period, periods: FIVE, breaching: THREE, notify }
    }

    /// The same alarm, if the latest `periods` are all above the threshold.
    #[must_use]
    pub fn in_all(self, periods: EvaluationPeriods, period: Period) -> Self {
        AlarmSpec { period, periods, breaching: periods, ..self }
    }
}

impl<'t> AlarmSpec<'t, Count> {
    /// An alarm that fires at the first fault in a minute.
    pub fn first<F: Fault + Summed>(of: Metric<F>, notify: &'t Handle<AlarmTopic>) -> Self {
        AlarmSpec::lasting(of.sum(), Count(0), notify).in_all(ONE, MINUTE)
    }
}

impl<'t> AlarmSpec<'t, Share> {
    /// An alarm that fires if failures take the place of successes: `good` is the share of events that succeed by design,
    /// and it fires if more than the part `instead` of them fails in a quarter of an hour. With 70 % and 0.3, it fires
    /// above 0.3 + 0.3 * 0.7 = 51 % of failures. It needs so many events that it fires by chance at most once in ten
    /// years.
    pub fn failing_instead<N: MetricName>(
        of: &Namespace<N>,
        failed: Outcome<N>,
        good: Percent,
        instead: Share,
        notify: &'t Handle<AlarmTopic>,
    ) -> Self {
        const QUARTER: Period = Period::seconds(900);
        let good = f64::from(good.get()) / 100.0;
        let above = Share::nearest(1.0 - good + instead.get() * good);
        let mut signal = of.share(failed, chance::enough(1.0 - good, above.get()));
        signal.range = signal.range.usual(1.0 - good, "this share fails by design".to_owned());
        AlarmSpec::lasting(signal, above, notify).in_all(ONE, QUARTER)
    }
}

impl Module<'_> {
    /// Adds an alarm. Its doc comment becomes the description that the notified person reads. [`Module::watch`] adds the
    /// alarms that every resource of a kind should have.
    ///
    /// Missing data counts as good: if nothing was counted, nothing failed. For events that must happen regularly, add
    /// a [`Module::heartbeat`].
    #[track_caller]
    pub fn alarm<U: Unit>(&mut self, id: Id, spec: AlarmSpec<'_, U>) {
        let name = self.enter(id);
        self.named_alarm(name, id.doc(), spec);
    }

    #[track_caller]
    pub(in crate::model) fn named_alarm<U: Unit>(
        &mut self,
        name: &str,
        doc: String,
        spec: AlarmSpec<'_, U>,
    ) {
        let address = self.address(TF_TYPE, name);
        for (rule, problem, fix) in limits(&spec).into_iter().chain(meaning(&spec)) {
            self.stack.violate(Violation::new(rule, address.as_str(), problem, fix));
        }
        let signal = spec.signal.fields(spec.period.get());
        let fires = Fires {
            operator: "GreaterThanThreshold",
            threshold: spec.above.number(),
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
        let calls = &of.calls.source;
        let label = format!("Count of {}", calls.name);
        let calls = queries(vec![calls.clone()], interval.get(), counted(1), &label);
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
fn limits<U: Unit>(spec: &AlarmSpec<'_, U>) -> Vec<Broken> {
    let (period, periods) = (spec.period.get(), spec.periods.get());
    let most = if period < 3600 { 86_400 } else { 7 * 86_400 };
    let mut found = Vec::new();
    if period * u32::from(periods) > most {
        found.push((
            "limit/alarm-window",
            format!("it looks back {periods} x {period} s; CloudWatch takes {most} s in all"),
            "look at fewer or shorter periods".to_owned(),
        ));
    }
    if spec.breaching > spec.periods {
        found.push((
            "limit/alarm-datapoints",
            format!("it waits for {} periods above, but looks at {periods}", spec.breaching.get()),
            "look at as many periods as must be above, or more".to_owned(),
        ));
    }
    found
}

/// A rule, the problem and the fix.
type Broken = (&'static str, String, String);

/// An alarm that never fires or always fires is a mistake.
fn meaning<U: Unit>(spec: &AlarmSpec<'_, U>) -> Vec<Broken> {
    let (above, unit, range) = (spec.above.number(), U::NAME, &spec.signal.range);
    let mut found = Vec::new();
    if let Some(problem) = spec.signal.meaningless_share() {
        let fix = "compare the events in question with all events, from one event on";
        found.push(("limit/alarm-share", problem, fix.to_owned()));
    }
    if spec.signal.is_of_nothing() {
        found.push((
            "limit/alarm-never",
            "it adds up no metric, so it never fires".to_owned(),
            "watch a resource that has calls to count".to_owned(),
        ));
    }
    if let Some((most, why)) = &range.most
        && above >= *most
    {
        found.push((
            "limit/alarm-never",
            format!(
                "it fires above {above}{unit}, but no value is above {most}{unit}, because {why}: it never fires"
            ),
            format!("lower the threshold below {most}{unit}"),
        ));
    }
    if let Some((usual, why)) = &range.usual
        && above <= *usual
    {
        found.push((
            "limit/alarm-always",
            format!(
                "it fires above {above}{unit}, but values above {usual}{unit} are usual, because {why}: it fires all the time"
            ),
            format!("raise the threshold above {usual}{unit}, or watch another metric"),
        ));
    }
    found
}
