//! CloudWatch metrics: only metrics that a service has can be named, and each has its dimensions, its statistics, and the
//! range of its values.
//!
//! The type of a metric says what its values are. From that follow the statistics that it has, and the unit of a threshold:
//!
//! | `Metric<…>` | its values | statistics | unit of a threshold |
//! |---|---|---|---|
//! | [`Count`] | events of regular work | `sum` | [`Count`] |
//! | [`Faults`] | events that should not happen | `sum` | [`Count`] |
//! | [`FaultyCalls`] | the same, of the calls that the service counts | `sum`, `average` | [`Count`], [`Share`] |
//! | [`Level`] | how many there are at one time | `maximum` | [`Count`] |
//! | [`Seconds`] | the age of the oldest | `maximum` | [`Seconds`] |
//! | [`Milliseconds`] | the duration of each call | `average`, `maximum`, `p99` | [`Milliseconds`] |

mod range;
mod services;

use std::{borrow::Cow, marker::PhantomData};

use function_contract::{
    metric::{MetricName, Outcome},
    setting::{MetricNamespace, Setting},
};

pub use self::{
    range::Range,
    services::{
        ApiMetric, DeadLetterMetric, FunctionMetric, MachineMetric, QueueMetric, TableMetric,
    },
};
use super::{
    expr::{Body, Term},
    iam::Wire,
    signal::{Form, Signal, Stat, Statistic},
    stack::{Handle, Kind},
    unit::{Count, Milliseconds, Seconds, Share, Unit},
};

/// Events that should not happen: the first one may raise an alarm.
#[derive(Debug, Clone, Copy)]
pub enum Faults {}

/// Calls that failed. The service reports 1 for each of them and 0 for each other call, so the average is their share.
#[derive(Debug, Clone, Copy)]
pub enum FaultyCalls {}

/// How many there are at one time.
#[derive(Debug, Clone, Copy)]
pub enum Level {}

/// A metric whose values are events that should not happen.
#[diagnostic::on_unimplemented(
    message = "`Metric<{Self}>` is not a count of faults",
    label = "it also counts regular work",
    note = "an alarm at the first event takes a `Metric<Faults>` or a `Metric<FaultyCalls>`; any other metric has a threshold: `AlarmSpec::lasting`"
)]
pub trait Fault {}
impl Fault for Faults {}
impl Fault for FaultyCalls {}

/// A metric whose values can be added up.
#[diagnostic::on_unimplemented(
    message = "the sum of a `Metric<{Self}>` has no meaning",
    label = "this metric has no `sum`",
    note = "the statistics of each type of metric are at the top of `crates/infra-core/src/model/metric.rs`"
)]
pub trait Summed {}
impl Summed for Count {}
impl Summed for Faults {}
impl Summed for FaultyCalls {}

/// A metric whose values have a meaningful mean.
#[diagnostic::on_unimplemented(
    message = "the average of a `Metric<{Self}>` has no meaning",
    label = "this metric has no `average`",
    note = "the statistics of each type of metric are at the top of `crates/infra-core/src/model/metric.rs`"
)]
pub trait Averaged {
    /// The unit of the mean.
    type Unit: Unit;
}
impl Averaged for FaultyCalls {
    type Unit = Share;
}
impl Averaged for Milliseconds {
    type Unit = Milliseconds;
}

/// A metric whose values have a meaningful maximum.
#[diagnostic::on_unimplemented(
    message = "the maximum of a `Metric<{Self}>` has no meaning",
    label = "this metric has no `maximum`",
    note = "the statistics of each type of metric are at the top of `crates/infra-core/src/model/metric.rs`"
)]
pub trait Peaked {
    /// The unit of the maximum.
    type Unit: Unit;
}
impl Peaked for Level {
    type Unit = Count;
}
impl Peaked for Seconds {
    type Unit = Seconds;
}
impl Peaked for Milliseconds {
    type Unit = Milliseconds;
}

/// A metric with a value for each call, so that it has percentiles.
#[diagnostic::on_unimplemented(
    message = "a percentile of a `Metric<{Self}>` has no meaning",
    label = "this metric has no `p99`",
    note = "the statistics of each type of metric are at the top of `crates/infra-core/src/model/metric.rs`"
)]
pub trait Sampled {}
impl Sampled for Milliseconds {}

/// One metric of one resource. Its values are `V`.
#[derive(Debug, Clone)]
pub struct Metric<V> {
    pub(in crate::model) source: Source,
    pub(in crate::model) range: Range,
    _values: PhantomData<fn() -> V>,
}

/// A metric without the type of its values.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::model) struct Source {
    pub(in crate::model) namespace: Cow<'static, str>,
    pub(in crate::model) name: &'static str,
    pub(in crate::model) dimensions: Vec<(&'static str, Term)>,
}

impl<V> Metric<V> {
    pub(in crate::model) fn new(source: Source, range: Range) -> Self {
        Metric { source, range, _values: PhantomData }
    }

    /// The number of events in a period.
    pub fn sum(self) -> Stat<Count>
    where
        V: Summed,
    {
        Stat::new(self.source, self.range, Statistic::Sum)
    }

    /// The mean of all values in a period.
    pub fn average(self) -> Stat<V::Unit>
    where
        V: Averaged,
    {
        Stat::new(self.source, self.range, Statistic::Average)
    }

    /// The largest value in a period.
    pub fn maximum(self) -> Stat<V::Unit>
    where
        V: Peaked,
    {
        Stat::new(self.source, self.range, Statistic::Maximum)
    }

    /// The value that 99 of 100 calls in a period stay below.
    pub fn p99(self) -> Stat<Milliseconds>
    where
        V: Sampled,
    {
        Stat::new(self.source, self.range, Statistic::P99)
    }
}

impl Source {
    pub(in crate::model) fn fields(&self) -> Vec<(&'static str, Body)> {
        let mut fields =
            vec![("namespace", self.namespace.clone().into()), ("metric_name", self.name.into())];
        if !self.dimensions.is_empty() {
            let dimensions = self.dimensions.iter().map(|(key, it)| (*key, it.clone().into()));
            fields.push(("dimensions", Body::map(dimensions)));
        }
        fields
    }
}

/// A metric of the service `S`, by its name. Its values are `V`.
#[derive(Debug)]
pub struct MetricOf<S, V> {
    pub(in crate::model) name: &'static str,
    _of: PhantomData<fn() -> (S, V)>,
}

impl<S, V> Clone for MetricOf<S, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, V> Copy for MetricOf<S, V> {}

impl<S, V> MetricOf<S, V> {
    const fn named(name: &'static str) -> Self {
        MetricOf { name, _of: PhantomData }
    }
}

/// A service that counts all calls, those that failed among them.
#[diagnostic::on_unimplemented(message = "`{Self}` has no metric that counts all calls")]
pub trait CountsCalls: Sized {
    /// The metric of all calls.
    const ALL_CALLS: MetricOf<Self, Count>;
}

/// The dimensions of a metric: names and values.
#[derive(Debug, Clone)]
pub struct Dimensions(pub(in crate::model) Vec<(&'static str, Term)>);

/// A kind of resource with metrics.
#[diagnostic::on_unimplemented(
    message = "CloudWatch has no metrics of a `{Self}` that the model knows",
    note = "the metrics of each service are in `crates/infra-core/src/model/metric.rs`"
)]
pub trait Metered: Kind {
    /// Its metrics.
    type Metrics;
    /// CloudWatch's namespace.
    const NAMESPACE: &'static str;

    /// The dimensions of this resource.
    #[doc(hidden)]
    fn dimensions(on: &Handle<Self>) -> Dimensions;

    /// The range of the values that a metric of this resource can have, where it is narrower than that of its service.
    #[doc(hidden)]
    fn range(_: &Handle<Self>, _: &'static str, of_the_service: Range) -> Range {
        of_the_service
    }
}

impl<K: Kind> Handle<K> {
    /// One of this resource's metrics.
    pub fn metric<V: Values>(&self, metric: MetricOf<K::Metrics, V>) -> Metric<V>
    where
        K: Metered,
    {
        let source = Source {
            namespace: K::NAMESPACE.into(),
            name: metric.name,
            dimensions: K::dimensions(self).0,
        };
        Metric::new(source, K::range(self, metric.name, V::RANGE))
    }

    /// The share of the calls that failed in all calls, from `at_least` calls in a period on.
    pub fn share(&self, failed: MetricOf<K::Metrics, FaultyCalls>, at_least: u32) -> Signal<Share>
    where
        K: Metered<Metrics: CountsCalls>,
    {
        let whole = self.metric(K::Metrics::ALL_CALLS).source;
        let Metric { source: part, range, .. } = self.metric(failed);
        Signal::new(Form::PartOf { part, whole, at_least }, range.of_a_share())
    }
}

/// The kind of values that a metric has.
#[diagnostic::on_unimplemented(message = "no metric has the values `{Self}`")]
pub trait Values {
    /// Their range.
    #[doc(hidden)]
    const RANGE: Range;
}

/// A namespace for custom metrics of the functions, without dimensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace<N> {
    name: String,
    _names: PhantomData<fn() -> N>,
}

impl<N: MetricName> Namespace<N> {
    /// The namespace `<prefix>/<of>`.
    pub fn new(scope: &super::Scope, of: &'static str) -> Self {
        Namespace { name: format!("{}/{of}", scope.prefix), _names: PhantomData }
    }

    /// The same namespace for other metrics. A function has only one namespace.
    pub fn also<O: MetricName>(&self) -> Namespace<O> {
        Namespace { name: self.name.clone(), _names: PhantomData }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name, for a function that writes its metrics.
    pub fn setting(&self) -> Wire<Setting<MetricNamespace>> {
        Wire::text(self.name.clone())
    }

    /// One of its metrics.
    pub fn metric(&self, metric: N) -> Metric<Count> {
        Metric::new(self.source(metric), self.range(metric))
    }

    /// One of its metrics, which counts events that should not happen. A rule refuses an alarm on a metric that counts
    /// regular work.
    pub fn faults(&self, metric: N) -> Metric<Faults> {
        Metric::new(self.source(metric), self.range(metric))
    }

    /// The share of an outcome, from `at_least` events in a period on.
    pub fn share(&self, of: Outcome<N>, at_least: u32) -> Signal<Share> {
        let (part, rest) = (self.source(of.part), self.source(of.rest));
        Signal::new(Form::Share { part, rest, at_least }, self.range(of.part).of_a_share())
    }

    fn source(&self, metric: N) -> Source {
        Source { namespace: self.name.clone().into(), name: metric.name(), dimensions: Vec::new() }
    }

    fn range(&self, metric: N) -> Range {
        if metric.is_fault() { Faults::RANGE } else { Count::RANGE }
    }
}
