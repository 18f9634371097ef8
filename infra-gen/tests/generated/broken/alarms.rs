//! Alarms.

use infra_core::{
    model::{
        Stack,
        alarm::{AlarmSpec, Signal, Statistic},
        limits::{EvaluationPeriods, KeyDeletionWindow, Period},
        metric::QueueMetric,
    },
    resource,
};

use super::check;
use crate::kit::*;

#[test]
fn alarms_that_cloudwatch_refuses() {
    fn alarm(stack: &mut Stack, periods: EvaluationPeriods, breaching: EvaluationPeriods) {
        const WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(7);
        const HALF_AN_HOUR: Period = Period::seconds(1800);
        let mut module = stack.module(A);
        let watched = queue(&mut module, DAY, TWO_DAYS);
        let key = module.key(
            resource!(
                /// Encrypts.
                "alarms"
            ),
            WINDOW,
        );
        let topic = module.alarm_topic(
            resource!(
                /// Notifies the operators.
                "alarms"
            ),
            &key,
            &[],
        );
        let metric = watched.metric(QueueMetric::ApproximateAgeOfOldestMessage);
        let signal = Signal::Of(metric, Statistic::Maximum);
        let id = resource!(
            /// Wait.
            "late"
        );
        let spec = AlarmSpec {
            signal,
            above: 1.0,
            period: HALF_AN_HOUR,
            periods,
            breaching,
            notify: &topic,
        };
        module.alarm(id, spec);
    }
    const ONE: EvaluationPeriods = EvaluationPeriods::new(1);
    const TWO: EvaluationPeriods = EvaluationPeriods::new(2);
    const MANY: EvaluationPeriods = EvaluationPeriods::new(49);
    let late = "module.a.aws_cloudwatch_metric_alarm.late";
    check("limit/alarm-datapoints", late, |stack| alarm(stack, ONE, TWO));
    check("limit/alarm-window", late, |stack| alarm(stack, MANY, ONE));
}
