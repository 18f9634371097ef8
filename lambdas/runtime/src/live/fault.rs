//! What the AWS SDK says about a call that failed, in our words.

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::port::Fault;

/// Codes by which services say: too many calls.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
const THROTTLES: &[&str] = &[
    "BandwidthLimitExceeded",
    "ExecutionLimitExceeded",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
    "TransactionConflictException",
];

/// What a failed call came to.
pub(super) fn fault<E>(service: &'static str, err: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata,
{
    let unavailable = |reason: String| Fault::Unavailable { service, reason };
    let unreadable =
        || Fault::Unreadable { service, problem: "the answer is not the service's".to_owned() };
    match err {
        SdkError::TimeoutError(_) => unavailable("no answer in time".to_owned()),
        SdkError::DispatchFailure(err) => unavailable(match err {
            err if err.is_timeout() => "no connection in time".to_owned(),
            err if err.is_io() => "no connection".to_owned(),
            _ => "the request could not be sent".to_owned(),
        }),
        // The SDK could not read an answer by which the call succeeded.
        SdkError::ServiceError(context) if context.raw().status().is_success() => unreadable(),
        SdkError::ServiceError(context) => {
            let code = context.err().code().unwrap_or("without a code").to_owned();
            if THROTTLES.contains(&&*code) {
                return Fault::Throttled { service, code };
            }
            if context.raw().status().is_server_error() {
                return unavailable(code);
            }
            let message = context.err().message().unwrap_or_default().to_owned();
            Fault::Refused { service, code, message }
        }
        SdkError::ResponseError(_) => unreadable(),
        _ => unavailable("the call could not be made".to_owned()),
    }
}
