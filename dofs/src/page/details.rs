//! The details of one order, for the operator.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::operation::describe_execution::DescribeExecutionError;
use contracts::{api::OrderView, domain::OrderId};
use serde::Serialize;
use serde_json::Value;

use super::item;
use crate::{aws::AwsContext as _, system::System};

/// Everything that is known about an order, or about a message that could not be parsed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    id: String,
    /// The answer to a GET of the customer.
    view: Option<OrderView>,
    /// The API's error, if the customer sees no order.
    view_problem: Option<String>,
    /// The record in `orders`.
    record: Option<Value>,
    /// The record in `failed_orders`.
    failed: Option<Value>,
    execution: Option<Execution>,
}

/// The order's execution.
#[derive(Debug, Serialize)]
struct Execution {
    arn: String,
    status: String,
    started: Option<String>,
    stopped: Option<String>,
    error: Option<String>,
    cause: Option<String>,
}

impl Details {
    /// Reads the details. `None` if nothing is known.
    pub(super) async fn of(system: &System, id: &str) -> anyhow::Result<Option<Self>> {
        let record = get(system, &system.names.orders, id).await?;
        let failed = get(system, &system.names.failed_orders, id).await?;
        let mut details = Details {
            id: id.to_owned(),
            view: None,
            view_problem: None,
            record,
            failed,
            execution: None,
        };
        if let Ok(order) = OrderId::try_from(id.to_owned()) {
            details.execution = execution(system, id).await?;
            match system.api.get(&order).await.outcome {
                Ok(view) => details.view = Some(view),
                Err(refused) => details.view_problem = Some(refused.to_string()),
            }
        }
        let known = details.record.is_some()
            || details.failed.is_some()
            || details.view.is_some()
            || details.execution.is_some();
        Ok(known.then_some(details))
    }
}

async fn get(system: &System, table: &str, id: &str) -> anyhow::Result<Option<Value>> {
    let call = system.dynamodb.get_item().table_name(table).consistent_read(true);
    let found = call.key("order_id", AttributeValue::S(id.to_owned())).send().await;
    let found = found.aws_context(|| format!("the table {table} cannot be read"))?;
    Ok(found.item().map(item::json))
}

async fn execution(system: &System, id: &str) -> anyhow::Result<Option<Execution>> {
    let arn = system.machine_arn.replacen(":stateMachine:", ":execution:", 1);
    let arn = format!("{arn}:{id}");
    let found = match system.sfn.describe_execution().execution_arn(&arn).send().await {
        Ok(found) => found,
        // Step Functions keeps executions for ninety days.
        Err(err)
            if err
                .as_service_error()
                .is_some_and(DescribeExecutionError::is_execution_does_not_exist) =>
        {
            return Ok(None);
        }
        Err(err) => return Err(err).aws_context(|| "the execution cannot be read".to_owned()),
    };
    let text = |at| item::moment(at).map(String::from);
    Ok(Some(Execution {
        arn,
        status: found.status.as_str().to_owned(),
        started: text(&found.start_date),
        stopped: found.stop_date.as_ref().and_then(text),
        error: found.error,
        cause: found.cause,
    }))
}
