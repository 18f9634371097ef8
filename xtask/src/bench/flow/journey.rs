//! Measures the parts of an order's time: until its execution ended, and until it was decided.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::aws::{Aws, DYNAMODB, STATES};
use crate::bench::report::{Row, Samples};

/// The times of an order, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Journey {
    taken: f64,
    /// The record is written, and the message is on the queue.
    stored: f64,
    decided: f64,
}

/// The journeys of all orders that are decided, by their ids.
#[derive(Debug, Clone, Default)]
pub(super) struct Journeys(BTreeMap<String, Journey>);

impl Journeys {
    /// The journeys that are complete so far.
    pub(super) fn read(aws: &Aws<'_>) -> anyhow::Result<Self> {
        let machines = aws.call(STATES, "ListStateMachines", &json!({}))?;
        let machine = &machines["stateMachines"][0]["stateMachineArn"];
        let executions = all(
            |next| {
                let asked = with(json!({"stateMachineArn": machine}), "nextToken", next);
                aws.call(STATES, "ListExecutions", &asked)
            },
            "executions",
            "nextToken",
        )?;
        let orders = all(
            |next| {
                let asked = json!({"TableName": "dofs-dev-orders"});
                aws.call(DYNAMODB, "Scan", &with(asked, "ExclusiveStartKey", next))
            },
            "Items",
            "LastEvaluatedKey",
        )?;
        Self::of(&executions, &orders)
    }

    fn of(executions: &[Value], orders: &[Value]) -> anyhow::Result<Self> {
        let ended = executions
            .iter()
            .filter_map(|it| Some((it["name"].as_str()?, it["stopDate"].as_f64()?)));
        let ended: BTreeMap<&str, f64> = ended.collect();
        let mut journeys = BTreeMap::new();
        for order in orders {
            let text = |name: &str| {
                let text = order[name]["S"].as_str();
                text.with_context(|| format!("an order has no {name}: {order}"))
            };
            let (id, status) = (text("order_id")?, text("status")?);
            // The execution of an undecided order may still run.
            if let Some(stored) = ended.get(id).filter(|_| status != "PROCESSING") {
                let (taken, decided) = (moment(text("created_at")?)?, moment(text("updated_at")?)?);
                journeys.insert(id.to_owned(), Journey { taken, stored: *stored, decided });
            }
        }
        Ok(Journeys(journeys))
    }

    /// The journeys that were not complete before.
    pub(super) fn since(mut self, before: &Journeys) -> Self {
        let known: BTreeSet<&String> = before.0.keys().collect();
        self.0.retain(|id, _| !known.contains(id));
        self
    }

    /// The orders that were decided in a second, from the first accepted order to the last decided one.
    pub(super) fn in_a_second(&self) -> anyhow::Result<f64> {
        let all = || self.0.values();
        let first = all().map(|it| it.taken).min_by(f64::total_cmp);
        let last = all().map(|it| it.decided).max_by(f64::total_cmp);
        let (first, last) = first.zip(last).context("no order was decided")?;
        Ok(self.0.len() as f64 / (last - first))
    }

    /// The duration of each part.
    pub(super) fn parts(&self) -> anyhow::Result<Vec<Row>> {
        let part = |label: &str, of: fn(&Journey) -> f64| {
            let all: Vec<f64> = self.0.values().map(of).collect();
            anyhow::Ok(Row::new(label, Samples::of(&all).context("no order was decided")?))
        };
        Ok(vec![
            part("in the state machine: validated, stored, sent", |it| it.stored - it.taken)?,
            // A function may receive the message before the execution that sent it has ended.
            part("on the queue, until it is decided", |it| (it.decided - it.stored).max(0.0))?,
        ])
    }
}

/// All items of an operation that lists, from all its pages.
fn all(
    page: impl Fn(Option<&Value>) -> anyhow::Result<Value>,
    items: &str,
    next: &str,
) -> anyhow::Result<Vec<Value>> {
    let (mut all, mut from) = (Vec::new(), None);
    loop {
        let mut answer = page(from.as_ref())?;
        all.extend(answer[items].as_array().into_iter().flatten().cloned());
        match answer[next].take() {
            Value::Null => return Ok(all),
            token => from = Some(token),
        }
    }
}

fn with(mut asked: Value, name: &str, value: Option<&Value>) -> Value {
    if let Some(value) = value {
        asked[name] = value.clone();
    }
    asked
}

fn moment(text: &str) -> anyhow::Result<f64> {
    let moment = OffsetDateTime::parse(text, &Rfc3339);
    let moment = moment.with_context(|| format!("{text:?} is not a time"))?;
    Ok(moment.unix_timestamp_nanos() as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_followed_from_taken_to_decided() {
        let execution = |name: &str, end: Option<f64>| json!({"name": name, "stopDate": end});
        let order = |id: &str, status: &str, taken: &str, decided: &str| {
            let text = |it: &str| json!({"S": it});
            json!({"order_id": text(id), "status": text(status), "created_at": text(taken), "updated_at": text(decided)})
        };
        let executions =
            [execution("a", Some(10.1)), execution("b", Some(11.25)), execution("c", None)];
        let orders = [
            order("a", "FULFILLED", "1970-01-01T00:00:10.000Z", "1970-01-01T00:00:10.500Z"),
            order("b", "FAILED", "1970-01-01T00:00:11.000Z", "1970-01-01T00:00:12.000Z"),
            order("c", "PROCESSING", "1970-01-01T00:00:12.000Z", "1970-01-01T00:00:12.000Z"),
        ];
        let journeys = Journeys::of(&executions, &orders).unwrap();
        let ids: Vec<_> = journeys.0.keys().map(String::as_str).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(journeys.in_a_second().unwrap(), 1.0);
        let parts = journeys.parts().unwrap();
        let medians: Vec<f64> = parts.iter().map(|it| it.samples.median).collect();
        assert_eq!(medians, [0.175, 0.575]);
        let before = Journeys::of(&executions[..1], &orders[..1]).unwrap();
        let later = journeys.since(&before);
        assert_eq!(later.0.keys().collect::<Vec<_>>(), ["b"]);
        assert!(Journeys::default().in_a_second().is_err());
        assert!(Journeys::of(&executions, &[json!({"order_id": {"S": "a"}})]).is_err());
    }

    #[test]
    fn every_page_is_read() {
        let pages = |next: Option<&Value>| {
            Ok(match next {
                None => json!({"Items": [1, 2], "Next": "more"}),
                Some(_) => json!({"Items": [3]}),
            })
        };
        assert_eq!(all(pages, "Items", "Next").unwrap(), [json!(1), json!(2), json!(3)]);
    }
}
