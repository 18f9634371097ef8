//! Readable errors of AWS: the code and the message, each once, and what to do.
//!
//! The SDK nests its errors five levels deep, and repeats itself on several levels. Only this module reads them.

use std::{error::Error, fmt};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::Value;

use crate::http::ProxyError;

/// A failed call of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The error code, if AWS answered.
    code: Option<String>,
    message: String,
    fix: Option<&'static str>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem())?;
        match self.fix {
            Some(fix) => write!(f, "\n  fix: {fix}"),
            None => Ok(()),
        }
    }
}

impl Error for Fault {}

const LOG_IN: &str = "log in again with `aws sso login` or `aws login`, or use new access keys";
const NO_CREDENTIALS: &str =
    "choose a profile with AWS_PROFILE, or log in with `aws configure sso` or `aws login`";
const OTHER_CREDENTIALS: &str = "check the credentials in AWS_PROFILE, AWS_ACCESS_KEY_ID and ~/.aws; \
    `dofs doctor` prints whose they are";
const NOT_ALLOWED: &str =
    "use a role with permission for this call; `dofs doctor` prints the caller and the account";
const NOT_THERE: &str = "deploy first (`dofs deploy` with the same --env and --aws), or check the account and the \
    region with `dofs doctor`";
const BUSY: &str =
    "try again in a minute; if it happens again, check the quotas with `dofs doctor`";
const CLOCK: &str = "set the clock of this machine";
const NO_ANSWER: &str = "check the network, the proxy (HTTPS_PROXY) and --endpoint-url";
const PROFILE: &str = "correct the profile in ~/.aws/config; AWS_PROFILE chooses the profile";

/// Returns what to do about an error code. Services share most codes.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>
fn fix(code: &str) -> Option<&'static str> {
    // The old codes of SQS have a prefix.
    let code = code.rsplit('.').next().unwrap_or(code);
    Some(match code.trim_end_matches("Exception") {
        "ExpiredToken" | "TokenRefreshRequired" | "UnauthorizedSSOToken" | "Unauthorized" => LOG_IN,
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "InvalidAccessKeyId"
        | "AuthFailure"
        | "SignatureDoesNotMatch"
        | "InvalidSignature"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "InvalidToken" => OTHER_CREDENTIALS,
        "AccessDenied"
        | "UnauthorizedOperation"
        | "NotAuthorized"
        | "AuthorizationError"
        | "KmsAccessDenied"
        | "KMSAccessDenied"
        | "Forbidden" => NOT_ALLOWED,
        "ResourceNotFound"
        | "NonExistentQueue"
        | "QueueDoesNotExist"
        | "StateMachineDoesNotExist"
        | "NoSuchBucket"
        | "NoSuchEntity"
        | "NotFound" => NOT_THERE,
        // The clock differs by more than 15 minutes from AWS's.
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => CLOCK,
        "Throttling"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceeded"
        | "RequestThrottled"
        | "SlowDown"
        | "LimitExceeded" => BUSY,
        _ => return None,
    })
}

impl Fault {
    /// The problem, without the fix.
    pub(crate) fn problem(&self) -> String {
        match &self.code {
            Some(code) if self.message.is_empty() => code.clone(),
            Some(code) => format!("{code}: {}", self.message),
            None => self.message.clone(),
        }
    }

    /// Returns the fix, if one is known.
    pub(crate) fn fix(&self) -> Option<&'static str> {
        self.fix
    }

    /// Whether AWS answered with this code.
    pub(crate) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    fn told(code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        // Most services use the code of a wrong signature also for a wrong time.
        let by_time = ["Signature expired", "Signature not yet current"];
        let fix = match by_time.iter().any(|it| message.contains(it)) {
            true => Some(CLOCK),
            false => fix(&code),
        };
        Fault { fix, code: Some(code), message }
    }

    fn plain(message: impl Into<String>, fix: &'static str) -> Self {
        Fault { code: None, message: message.into(), fix: Some(fix) }
    }

    /// Returns the fault from an error response, in JSON or XML.
    pub(super) fn refused(status: u16, body: &str) -> Self {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |names: [&str; 2]| names.iter().find_map(|it| json[*it].as_str());
        let code = text(["__type", "code"]).map(str::to_owned).or_else(|| element(body, "Code"));
        // `com.amazonaws.states#ThrottlingException`
        let code = code.map(|it| it.rsplit('#').next().unwrap_or(&it).to_owned());
        let message = text(["message", "Message"]).map(str::to_owned);
        let message = message.or_else(|| element(body, "Message")).unwrap_or_default();
        match (code, status) {
            (Some(code), _) => Fault::told(code, message),
            (None, 401 | 403) => Fault { fix: Some(NOT_ALLOWED), ..Fault::status(status, message) },
            (None, 404) => Fault { fix: Some(NOT_THERE), ..Fault::status(status, message) },
            (None, _) => Fault::status(status, message),
        }
    }

    fn status(status: u16, message: String) -> Self {
        let message = match message.is_empty() {
            true => format!("AWS answered {status}"),
            false => format!("AWS answered {status}: {message}"),
        };
        Fault { code: None, message, fix: None }
    }

    pub(crate) fn unreadable(problem: &str) -> Self {
        Fault {
            code: None,
            message: format!("the answer of AWS cannot be read: {problem}"),
            fix: None,
        }
    }

    /// Returns the fault for a call without an answer.
    pub(super) fn unreachable(err: &(dyn Error + 'static)) -> Self {
        Fault::plain(format!("AWS cannot be reached: {}", innermost(err)), NO_ANSWER)
    }

    pub(super) fn of_proxy(err: ProxyError) -> Self {
        Fault::plain(err.problem(), ProxyError::FIX)
    }

    #[expect(clippy::disallowed_methods, reason = "an operator's choice, which no function reads")]
    pub(super) fn no_credentials() -> Self {
        let profile = std::env::var("AWS_PROFILE").ok();
        Fault::no_credentials_of(profile.as_deref().filter(|it| !it.is_empty()))
    }

    fn no_credentials_of(profile: Option<&str>) -> Self {
        match profile {
            Some(name) => {
                Fault::plain(format!("the profile `{name}` has no credentials for AWS"), PROFILE)
            }
            None => Fault::plain("there are no credentials for AWS", NO_CREDENTIALS),
        }
    }

    /// Returns the fault from an error of a credentials provider, whose own text is in the middle of the error chain.
    pub(super) fn of_credentials(err: &CredentialsError) -> Self {
        let words = words(err.source());
        let old = ["expired", "Expired", "UnauthorizedException", "Session token not found"];
        if old.iter().any(|it| words.contains(it)) {
            return Fault::plain(format!("the credentials have expired: {words}"), LOG_IN);
        }
        match err {
            CredentialsError::CredentialsNotLoaded(_) => Fault::no_credentials(),
            CredentialsError::InvalidConfiguration(_) => {
                Fault::plain(format!("the profile cannot be used: {words}"), PROFILE)
            }
            CredentialsError::ProviderTimedOut(_) => {
                Fault::plain("loading the credentials timed out", OTHER_CREDENTIALS)
            }
            _ => {
                Fault::plain(format!("loading the credentials failed: {words}"), OTHER_CREDENTIALS)
            }
        }
    }

    /// Returns the fault from an error of the SDK.
    pub(crate) fn of<E, R>(err: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: fmt::Debug,
    {
        if let SdkError::ServiceError(context) = err {
            let told = context.err();
            return match told.code() {
                Some(code) => Fault::told(code, told.message().unwrap_or_default()),
                None => Fault::unreadable(&innermost(told)),
            };
        }
        let source = source_of(err);
        if let Some(credentials) = chain(source).find_map(|it| it.downcast_ref()) {
            return Fault::of_credentials(credentials);
        }
        match err {
            SdkError::TimeoutError(_) => Fault::plain("the call timed out", NO_ANSWER),
            SdkError::ResponseError(_) => Fault::unreadable(&words(source)),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                Fault::plain("connecting timed out", NO_ANSWER)
            }
            SdkError::DispatchFailure(_) => {
                let last = chain(source).last().map(ToString::to_string).unwrap_or_default();
                Fault::plain(format!("AWS cannot be reached: {last}"), NO_ANSWER)
            }
            _ => Fault { code: None, message: words(source), fix: None },
        }
    }
}

/// Returns the source of an SDK error, because the error itself prints only its kind.
fn source_of<'e, E, R>(err: &'e SdkError<E, R>) -> Option<&'e (dyn Error + 'static)>
where
    E: Error + 'static,
    R: fmt::Debug,
{
    err.source()
}

fn chain<'e>(
    err: Option<&'e (dyn Error + 'static)>,
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(err, |it: &&'e (dyn Error + 'static)| (*it).source())
}

fn innermost(err: &(dyn Error + 'static)) -> String {
    chain(Some(err)).last().map(ToString::to_string).unwrap_or_default()
}

/// Returns the texts of an error chain, without repetitions.
fn words(err: Option<&(dyn Error + 'static)>) -> String {
    let mut all: Vec<String> = Vec::new();
    for it in chain(err) {
        // Skip a level that only repeats the one below, or prints Rust's `Debug` format.
        let text = it.to_string();
        let below = it.source().map(ToString::to_string).unwrap_or_default();
        let text = text.trim_end_matches(&below).trim_end_matches([':', ' ', '(']).to_owned();
        if !text.is_empty() && !text.contains(" { ") && !all.iter().any(|it| it.contains(&text)) {
            all.push(text);
        }
    }
    all.join(": ")
}

/// Returns the text of the first XML element with this name.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.replace("&apos;", "'").replace("&quot;", "\"").replace("&amp;", "&"))
}

/// Adds the attempted operation to an error of AWS.
pub(crate) trait AwsContext<T> {
    /// As [`anyhow::Context::with_context`].
    ///
    /// # Errors
    ///
    /// The error as a [`Fault`], with this context.
    fn aws_context(self, what: impl FnOnce() -> String) -> anyhow::Result<T>;
}

impl<T, E, R> AwsContext<T> for Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata + Error + 'static,
    R: fmt::Debug,
{
    fn aws_context(self, what: impl FnOnce() -> String) -> anyhow::Result<T> {
        self.map_err(|err| anyhow::Error::new(Fault::of(&err)).context(what()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_responses_are_read_in_json_and_xml() {
        fn check(status: u16, body: &str, problem: &str, fix: Option<&str>) {
            let fault = Fault::refused(status, body);
            assert_eq!(fault.problem(), problem);
            assert_eq!(fault.fix(), fix, "{problem}");
        }
        check(
            400,
            r#"{"__type":"com.amazon.coral.service#ExpiredTokenException","message":"it is old"}"#,
            "ExpiredTokenException: it is old",
            Some(LOG_IN),
        );
        check(
            403,
            r#"{"Message":"User: arn:aws:iam::1:user/a is not authorized","code":"AccessDeniedException"}"#,
            "AccessDeniedException: User: arn:aws:iam::1:user/a is not authorized",
            Some(NOT_ALLOWED),
        );
        check(
            403,
            "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token is \
             &apos;invalid&apos;</Message></Error></ErrorResponse>",
            "InvalidClientTokenId: The security token is 'invalid'",
            Some(OTHER_CREDENTIALS),
        );
        check(403, "", "AWS answered 403", Some(NOT_ALLOWED));
        let late = "Signature expired: 20261130T010000Z is now earlier than 20261130T024500Z";
        check(
            403,
            &format!(r#"{{"__type":"InvalidSignatureException","message":"{late}"}}"#),
            &format!("InvalidSignatureException: {late}"),
            Some(CLOCK),
        );
        check(500, "<html>", "AWS answered 500", None);
    }

    #[test]
    fn variants_of_a_code_have_the_same_fix() {
        fn check(code: &str, expected: Option<&'static str>) {
            assert_eq!(fix(code), expected, "{code}");
        }
        check("ExpiredToken", Some(LOG_IN));
        check("ExpiredTokenException", Some(LOG_IN));
        check("AWS.SimpleQueueService.NonExistentQueue", Some(NOT_THERE));
        check("QueueDoesNotExist", Some(NOT_THERE));
        check("RequestExpired", Some(CLOCK));
        check("ResourceNotFoundException", Some(NOT_THERE));
        check("ThrottlingException", Some(BUSY));
        check("ProvisionedThroughputExceededException", Some(BUSY));
        check("KMSAccessDeniedException", Some(NOT_ALLOWED));
        check("ValidationException", None);
    }

    #[test]
    fn missing_credentials_have_a_reason_and_a_fix() {
        fn check(err: &CredentialsError, problem: &str, expected: &str) {
            let fault = Fault::of_credentials(err);
            assert_eq!((fault.problem().as_str(), fault.fix()), (problem, Some(expected)));
        }
        let none = Fault::no_credentials_of(None);
        assert_eq!(
            none.to_string(),
            format!("there are no credentials for AWS\n  fix: {NO_CREDENTIALS}")
        );
        let none = Fault::no_credentials_of(Some("x"));
        assert_eq!(none.problem(), "the profile `x` has no credentials for AWS");
        let old = CredentialsError::provider_error("the SSO token has expired");
        let problem = "the credentials have expired: the SSO token has expired";
        check(&old, problem, LOG_IN);
        let wrong = CredentialsError::invalid_configuration("the profile `x` was not defined");
        check(&wrong, "the profile cannot be used: the profile `x` was not defined", PROFILE);
        let failed =
            CredentialsError::provider_error("Error retrieving credentials: it exited with 1");
        let problem =
            "loading the credentials failed: Error retrieving credentials: it exited with 1";
        check(&failed, problem, OTHER_CREDENTIALS);
    }

    #[test]
    fn an_error_chain_has_no_repetitions() {
        let inner = std::io::Error::other("no listener");
        let middle = anyhow::Error::new(inner).context("it failed");
        assert_eq!(words(Some(middle.as_ref())), "it failed: no listener");
    }
}
