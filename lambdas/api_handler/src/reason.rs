//! Why an order came to no good end, as its customer reads it.

/// The reasons that are about the order itself: those of the validator, of the fulfilment and of the reconciler.
const TOLD: [&str; 3] = ["OrderInvalid", "FulfillmentFailed", "ProcessingDeadlinePassed"];

/// Every other one. The record keeps the name that Lambda, Step Functions or a function gave it, such as
/// `Lambda.TooManyRequestsException`: that is for the operator.
const OTHER: &str = "ProcessingFailed";

/// What the customer reads, by the reason that the record or the execution has.
pub(crate) fn told(kept: &str) -> String {
    TOLD.into_iter().find(|it| *it == kept).unwrap_or(OTHER).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_read_no_names_of_services() {
        fn check(kept: &str, expected: &str) {
            assert_eq!(told(kept), expected, "{kept}");
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
