//! The reason of a rejection or failure, in the form that customers see.

use contracts::reason;

/// The name for every other reason. The record keeps the original name for operators, such as
/// `Lambda.TooManyRequestsException`.
const OTHER: &str = "ProcessingFailed";

/// Returns the reason for customers from the reason in a record or an execution.
pub(crate) fn for_customers(kept: &str) -> String {
    reason::ALL.into_iter().find(|it| *it == kept).unwrap_or(OTHER).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_never_see_names_of_services() {
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
