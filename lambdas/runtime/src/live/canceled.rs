//! Why DynamoDB canceled a transaction.

use aws_sdk_dynamodb::types::CancellationReason;

use crate::port::{Fault, WriteError};

const SERVICE: &str = "DynamoDB";

/// Temporary reasons of a canceled transaction: another transaction on the same items, or too many calls.
const PASSING: [&str; 3] =
    ["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"];

/// Returns the error of a canceled transaction, from the reasons of its writes. A failed condition takes precedence
/// over all other reasons, and a permanent reason takes precedence over a temporary one.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub(super) fn why(reasons: &[CancellationReason]) -> WriteError {
    let named = reasons.iter().filter_map(|it| Some((it.code()?, it.message())));
    let named: Vec<_> = named.filter(|(code, _)| *code != "None").collect();
    if named.iter().any(|(code, _)| *code == "ConditionalCheckFailed") {
        return WriteError::ConditionFailed;
    }
    let staying = named.iter().find(|(code, _)| !PASSING.contains(code));
    WriteError::Fault(match (staying, named.first()) {
        (None, Some((code, _))) => Fault::Throttled { service: SERVICE, code: (*code).to_owned() },
        (staying, _) => {
            let (code, message) = staying.copied().unwrap_or(("TransactionCanceled", None));
            let message = message.unwrap_or("the transaction was canceled").to_owned();
            Fault::Refused { service: SERVICE, code: code.to_owned(), message }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_determine_the_error_of_a_canceled_transaction() {
        #[track_caller]
        fn check(codes: &[&str], expected: &str) {
            let reason = |code: &&str| CancellationReason::builder().code(*code).build();
            let said = match why(&codes.iter().map(reason).collect::<Vec<_>>()) {
                WriteError::ConditionFailed => "condition".to_owned(),
                WriteError::Fault(Fault::Throttled { code, .. }) => format!("throttled {code}"),
                WriteError::Fault(Fault::Refused { code, .. }) => format!("refused {code}"),
                WriteError::Fault(other) => panic!("{other}"),
            };
            assert_eq!(said, expected, "{codes:?}");
        }
        check(&["ConditionalCheckFailed", "None"], "condition");
        check(&["TransactionConflict", "ConditionalCheckFailed"], "condition");
        check(&["None", "TransactionConflict"], "throttled TransactionConflict");
        check(&["ThrottlingError", "ValidationError"], "refused ValidationError");
        check(
            &["None", "ItemCollectionSizeLimitExceeded"],
            "refused ItemCollectionSizeLimitExceeded",
        );
        check(&["None", "None"], "refused TransactionCanceled");
        check(&[], "refused TransactionCanceled");
    }
}
