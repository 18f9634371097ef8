//! The reason for which an order was rejected or failed, as its customer reads it.

use contracts::reason;

/// Every other one. The record keeps the name that Lambda, Step Functions or a function gave it, such as
/// `Lambda.TooManyRequestsException`: that is for the operator.
const OTHER: &str = "ProcessingFailed";

/// The reason that a customer reads, for the reason in a record or an execution.
pub(crate) fn for_customers(kept: &str) -> String {
    reason::ALL.into_iter().find(|it| *it == kept).unwrap_or(OTHER).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_read_no_names_of_services() {
        fn check(kept: &str, expected: &str) {
            assert_eq!(for_customers(kept), expected, "{kept}");
        }
        check("OrderInvalid", "OrderInvalid");
        check("FulfillmentFailed", "FulfillmentFailed");
        check("ProcessingDeadlinePassed", "ProcessingDeadlinePassed");
        for kept in [
            "",
            "DynamoDB.ConditionalCheckFailedException",
            "Lambda.TooManyRequestsException",
            "Lambda.Unknown",
            "OrderConflict",
            "OrderInvalidated",
            "ServiceFault",
            "States.DataLimitExceeded",
            "States.Timeout",
            "UnreadableInput",
        ] {
            check(kept, "ProcessingFailed");
        }
    }
}
