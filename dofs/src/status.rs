//! `dofs status`: prints everything that is known about one order.

use std::process::ExitCode;

use clap::Args;
use contracts::{
    domain::OrderId,
    order::{FailedOrder, OrderRecord},
};
use serde::Serialize;

use crate::{
    execution::{self, Execution},
    interrupt::Interrupt,
    system::Services,
    tables,
    target::Target,
    tell::{columns, tell, warn, word},
};

/// The options of `dofs status`.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The id of the order.
    #[arg(value_name = "ORDER_ID", value_parser = order_id)]
    pub order: OrderId,
}

/// Parses an order's id. It accepts upper case, although the API writes ids in lower case.
pub(crate) fn order_id(text: &str) -> Result<OrderId, String> {
    OrderId::try_from(text.trim().to_ascii_lowercase()).map_err(|err| err.to_string())
}

/// Everything that is known about an order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// The order.
    pub order_id: OrderId,
    /// Its record in `orders`.
    pub record: Option<OrderRecord>,
    /// Its record in `failed_orders`.
    pub failure: Option<FailedOrder>,
    /// Its execution.
    pub execution: Option<Execution>,
    /// Why the execution could not be read.
    pub problem: Option<String>,
}

impl Status {
    /// Whether its execution did not succeed and there is no record.
    fn is_lost(&self) -> bool {
        let ended =
            |it: &Execution| matches!(it.status.as_str(), "FAILED" | "TIMED_OUT" | "ABORTED");
        self.record.is_none() && self.execution.as_ref().is_some_and(ended)
    }
}

/// Reads everything that is known about an order.
///
/// # Errors
///
/// If the tables cannot be read.
pub async fn of(system: &Services, order: &OrderId) -> anyhow::Result<Status> {
    let record = tables::order(system, order).await?;
    let failure = tables::failure(system, order).await?;
    // The tables decide. A user without permission to read executions still sees the records.
    let (execution, problem) = match execution::of(system, order).await {
        Ok(execution) => (execution, None),
        Err(err) => (None, Some(format!("{err:#}"))),
    };
    Ok(Status { order_id: order.clone(), record, failure, execution, problem })
}

/// Runs the command.
///
/// # Errors
///
/// If the command fails. The error says what to do about it.
pub async fn run(options: &Options, target: &Target) -> anyhow::Result<ExitCode> {
    let interrupt = Interrupt::listen();
    let asking = async { of(&Services::find(target).await?, &options.order).await };
    let Some(status) = interrupt.unless(asking).await else { return Ok(interrupt.code(false)) };
    let status = status?;
    if let Some(problem) = &status.problem {
        warn(problem);
    }
    let known = status.record.is_some() || status.execution.is_some() || status.failure.is_some();
    tell(target, &text(&status, target), &status)?;
    Ok(interrupt.code(known))
}

fn text(status: &Status, target: &Target) -> String {
    let mut parts = vec![status.order_id.to_string()];
    let names = infra_gen::topology::names(target.env);
    let mut part = |title: &str, rows: Option<Vec<[String; 2]>>| {
        let rows = rows.map(|it| columns(None, it));
        let rows = rows.unwrap_or_else(|| "nothing".to_owned());
        parts.push(format!("{title}\n  {}", rows.replace('\n', "\n  ")));
    };
    part(&names.orders, status.record.as_ref().map(of_record));
    part(&names.failed_orders, status.failure.as_ref().map(fields));
    part("execution", status.execution.as_ref().map(fields));
    if status.is_lost() {
        parts.push(format!(
            "the order has no record, although its execution has ended\n  see: `dofs resume{} --order {} --dry-run` \
             prints whether the execution can be redriven",
            target.options(),
            status.order_id
        ));
    }
    parts.join("\n\n")
}

/// Puts the status first, because users look for it.
fn of_record(record: &OrderRecord) -> Vec<[String; 2]> {
    let mut rows = vec![["status".to_owned(), word(record.status).to_owned()]];
    rows.extend(fields(record).into_iter().filter(|[name, _]| name != "status"));
    rows
}

/// Returns the fields of a record that have a value, in their order.
fn fields(record: &impl Serialize) -> Vec<[String; 2]> {
    let mut rows = Vec::new();
    // Every record serializes to a JSON object.
    if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(record) {
        flatten("", fields, &mut rows);
    }
    rows
}

fn flatten(
    prefix: &str,
    fields: serde_json::Map<String, serde_json::Value>,
    rows: &mut Vec<[String; 2]>,
) {
    use serde_json::Value;
    for (name, value) in fields {
        let name = format!("{prefix}{name}");
        match value {
            Value::Null => {}
            Value::Object(inner) => flatten(&format!("{name}."), inner, rows),
            Value::String(text) => rows.push([name, text]),
            other => rows.push([name, other.to_string()]),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_rows() {
        fn check(record: serde_json::Value, expected: &[[&str; 2]]) {
            assert_eq!(fields(&record), expected);
        }
        check(json!({ "a": "b", "c": null, "d": 1 }), &[["a", "b"], ["d", "1"]]);
        check(json!({ "a": { "b": { "c": true } } }), &[["a.b.c", "true"]]);
        check(json!(1), &[]);
    }
}
