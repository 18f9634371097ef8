//! Returns an order with its status.
//!
//! The response for an unknown id is 404 with `Retry-After`, because the id may belong to an order that was just
//! accepted.

use contracts::{
    api::{OrderRead, OrderView},
    domain::{OrderId, OrderStatus},
    order::{OrderRecord, OrderSubmitted, Violations},
};
use function_contract::http::Problem;
use runtime::{
    machine::Started,
    moment::Moment,
    port::{ExecutionStatus, Fault, Outside},
};

use crate::{ApiHandler, log, reason::for_customers, seen::Seen};

impl<W: Outside> ApiHandler<W> {
    /// Answers a request that reads an order.
    pub(crate) async fn show(&self, order_id: &OrderId, deadline: Moment) -> OrderRead {
        self.find(order_id, deadline).await.unwrap_or_else(|fault| {
            log(&fault);
            OrderRead::Unavailable
        })
    }

    async fn find(&self, order_id: &OrderId, deadline: Moment) -> Result<OrderRead, Fault> {
        Ok(match self.seen(order_id, deadline).await? {
            None => OrderRead::NotSeen,
            Some(seen) if seen.has_expired() => OrderRead::NoSuchOrder,
            Some(Seen::Record(record)) => OrderRead::Found(of_record(*record)),
            // The execution runs, or it could not write the record of its failure. An alarm reports the latter.
            Some(Seen::Execution(it)) => OrderRead::Found(of_execution(&it)),
        })
    }
}

/// The error message of a failed order for customers. The record has the details for operators: names of services and
/// their error messages.
const FAILED: &str = "The order could not be processed.";

// The pattern names each field, so a new field does not compile until it is either shown or left out here.

fn of_record(record: OrderRecord) -> OrderView {
    let OrderRecord {
        order_id,
        customer_id,
        product_id,
        quantity,
        price,
        total_amount,
        status,
        created_at,
        updated_at,
        validation_status: _,
        metadata,
        fulfillment_details,
        failure_reason,
        failure_timestamp: _,
        error_message,
        expires_at: _,
        round: _,
        dead_letter: _,
    } = record;
    let problems = match status {
        OrderStatus::Rejected => problems(error_message.as_deref()),
        _ => Vec::new(),
    };
    let error_message = match status {
        OrderStatus::Rejected => Some("The order breaks a rule.".to_owned()),
        OrderStatus::Failed => Some(FAILED.to_owned()),
        OrderStatus::Accepted | OrderStatus::Processing | OrderStatus::Fulfilled => None,
    };
    let (tracking_number, carrier, estimated_delivery) = match fulfillment_details {
        Some(it) => (Some(it.tracking_number), Some(it.carrier), Some(it.estimated_delivery)),
        None => (None, None, None),
    };
    OrderView {
        order_id,
        status,
        customer_id,
        product_id,
        quantity,
        price,
        metadata,
        total_amount,
        created_at,
        updated_at,
        tracking_number,
        carrier,
        estimated_delivery,
        failure_reason: failure_reason.as_deref().map(for_customers),
        error_message,
        problems,
    }
}

fn of_execution(started: &Started<OrderSubmitted>) -> OrderView {
    let OrderSubmitted {
        order_id,
        customer_id,
        product_id,
        quantity,
        price,
        metadata,
        submitted_at,
    } = started.input.clone();
    let failed = started.status == ExecutionStatus::Failed;
    OrderView {
        order_id,
        status: if failed { OrderStatus::Failed } else { OrderStatus::Accepted },
        customer_id,
        product_id,
        quantity,
        price,
        metadata,
        total_amount: None,
        created_at: submitted_at.clone(),
        updated_at: submitted_at,
        tracking_number: None,
        carrier: None,
        estimated_delivery: None,
        failure_reason: started.error.as_ref().map(|(error, _)| for_customers(error)),
        error_message: failed.then(|| FAILED.to_owned()),
        problems: Vec::new(),
    }
}

/// Returns the violations in the record of a rejected order. Older records have the cause of an error of the validator,
/// which Lambda wrapped in an object of its own.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
fn problems(cause: Option<&str>) -> Vec<Problem> {
    let Some(cause) = cause else { return Vec::new() };
    let lambda: Option<serde_json::Value> = serde_json::from_str(cause).ok();
    let message = lambda.as_ref().and_then(|it| it["errorMessage"].as_str()).unwrap_or(cause);
    serde_json::from_str::<Violations>(message).map_or_else(|_| Vec::new(), |it| it.problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_are_found_in_the_cause() {
        fn check(cause: Option<&str>, expected: usize) {
            assert_eq!(problems(cause).len(), expected, "{cause:?}");
        }
        let own = r#"{"problems":[{"pointer":"/price","message":"no"}]}"#;
        let wrapped = serde_json::json!({ "errorType": "OrderInvalid", "errorMessage": own });
        check(Some(own), 1);
        check(Some(&wrapped.to_string()), 1);
        check(Some("something else"), 0);
        check(Some("[]"), 0);
        check(None, 0);
    }
}
