//! Converts the errors of the AWS SDK to [`Fault`].

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::port::Fault;

/// Error codes of services that mean throttling.
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

/// Returns the fault for a failed call.
pub(super) fn fault<E>(service: &'static str, err: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata,
{
    let unavailable = |reason: String| Fault::Unavailable { service, reason };
    let unreadable = || Fault::Unreadable {
        service,
        problem: "it does not have the service's format".to_owned(),
    };
    match err {
        SdkError::TimeoutError(_) => unavailable("no answer in time".to_owned()),
        SdkError::DispatchFailure(err) => unavailable(match err {
            err if err.is_timeout() => "no connection in time".to_owned(),
            err if err.is_io() => "no connection".to_owned(),
            _ => "the request could not be sent".to_owned(),
        }),
        // The call succeeded, but the SDK could not read the response.
        SdkError::ServiceError(context) if context.raw().status().is_success() => unreadable(),
        SdkError::ServiceError(context) => {
            let code = context.err().code().unwrap_or("no error code").to_owned();
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

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};

    use super::*;

    type Failed = SdkError<ErrorMetadata, HttpResponse>;

    fn response(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::empty())
    }

    #[track_caller]
    fn check(failed: Failed, expected: &str) {
        assert_eq!(fault("S", &failed).to_string(), expected);
    }

    /// The result of such a call is unknown.
    #[test]
    fn a_call_without_an_answer_is_unavailable() {
        let failed = |why: ConnectorError| Failed::dispatch_failure(why);
        check(Failed::timeout_error("late"), "S is unavailable: no answer in time");
        let timeout = ConnectorError::timeout("late".into());
        check(failed(timeout), "S is unavailable: no connection in time");
        let io = ConnectorError::io("closed".into());
        check(failed(io), "S is unavailable: no connection");
        let user = ConnectorError::user("no URI".into());
        check(failed(user), "S is unavailable: the request could not be sent");
        let other = ConnectorError::other("TLS".into(), None);
        check(failed(other), "S is unavailable: the request could not be sent");
        let unmade = Failed::construction_failure("no region");
        check(unmade, "S is unavailable: the call could not be made");
    }

    #[test]
    fn status_and_code_determine_the_fault() {
        let answered = |status: u16, code: Option<&str>| {
            let mut error = ErrorMetadata::builder().message("no");
            if let Some(code) = code {
                error = error.code(code);
            }
            Failed::service_error(error.build(), response(status))
        };
        for code in THROTTLES {
            check(answered(400, Some(code)), &format!("S throttled the call: {code}"));
            check(answered(500, Some(code)), &format!("S throttled the call: {code}"));
        }
        check(answered(400, Some("Denied")), "S refused the call: Denied: no");
        check(answered(400, None), "S refused the call: no error code: no");
        check(answered(500, Some("Internal")), "S is unavailable: Internal");
        let unreadable =
            "S sent an answer that cannot be read: it does not have the service's format";
        check(answered(200, None), unreadable);
        check(Failed::response_error("no JSON", response(200)), unreadable);
    }
}
